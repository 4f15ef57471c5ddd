"""The only way out of the browser: a proxy on this machine that lets through what the gate lets through.

Every connection of the browser comes this way, also after redirects, from frames and from workers. Of https it sees
host and port, of http the address; a name is resolved here, judged, and that very number is connected to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from crawler.gate import PORTS, is_public, refusal
from spiders.source import Source

HEAD_BYTES = 64 * 1024
CONNECT_S = 20.0
CHUNK_BYTES = 64 * 1024


class BrowserGate:
    """A proxy for one source's browser, on a free port of this machine.

    allowed: private addresses that may be asked.  refused, failed: in a line, what was not let through and what went
    wrong last.
    """

    def __init__(self, source: Source, allowed: frozenset[tuple[str, int]]) -> None:
        self.source = source
        self.allowed = allowed
        self.refused = ""
        self.failed = ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen, and return the proxy's address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_BYTES)
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def close(self) -> None:
        """End what is under way."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        # A browser that hangs up, a site that does: both are everyday, and the page says what came of it.
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await self._pass(head, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, TimeoutError) as error:
            self.failed = f"{type(error).__name__}: {error}"
        finally:
            writer.close()

    async def _pass(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, _, rest = head.partition(b"\r\n")
        method, target, _ = line.decode("latin-1").split(" ")
        tunnel = method == "CONNECT"
        url = f"https://{target}/" if tunnel else target
        why = refusal(url, self.source, self.allowed)
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        number = "" if why else await self._number(host, port)
        if why or not number:
            self.refused = why or f"{host} has no public address"
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" if tunnel else b"")
            return
        there, back = await self._connect(number, host, port, tunnel=tunnel)
        if tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            place = target if self.source.proxy else parts._replace(scheme="", netloc="").geturl() or "/"
            back.write(f"{method} {place} HTTP/1.1\r\n".encode("latin-1") + _closing(rest))
        try:
            await asyncio.gather(_flow(reader, back), _flow(there, writer))
        finally:
            back.close()

    async def _number(self, host: str, port: int) -> str:
        """Return the address to connect to; behind a proxy of the source the name, for that resolves it."""
        if self.source.proxy:
            return host
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        numbers = [str(entry[4][0]) for entry in found]
        if any(host == known for known, _ in self.allowed):
            return numbers[0]
        return numbers[0] if all(is_public(number) for number in numbers) else ""

    async def _connect(
        self, number: str, host: str, port: int, *, tunnel: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        proxy = urlsplit(self.source.proxy) if self.source.proxy else None
        if proxy is None:
            return await asyncio.wait_for(asyncio.open_connection(number, port), CONNECT_S)
        there, back = await asyncio.wait_for(
            asyncio.open_connection(proxy.hostname, proxy.port or PORTS[proxy.scheme]), CONNECT_S
        )
        if tunnel:
            name = f"[{host}]" if _is_six(host) else host
            back.write(f"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode("latin-1"))
            answer = await there.readuntil(b"\r\n\r\n")
            if answer.split(b" ")[1:2] != [b"200"]:
                back.close()
                raise ConnectionError("the proxy refused")
        return there, back


def _is_six(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def _closing(rest: bytes) -> bytes:
    """Return headers that ask for one answer on this connection: the next request may lead elsewhere."""
    lines = [each for each in rest.split(b"\r\n") if not each.lower().startswith((b"connection:", b"proxy-"))]
    return b"\r\n".join([b"Connection: close", *lines])


async def _flow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
