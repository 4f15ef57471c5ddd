"""Addresses in one spelling: what two pages write differently and means one resource, becomes equal; pure."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

LONGEST_ADDRESS = 2_000

_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Sub-delimiters and what browsers and Scrapy leave alone; a single quote only in paths.
_PATH_SAFE = _UNRESERVED | frozenset("!$&()*+,;=:@/'")
_QUERY_SAFE = _UNRESERVED | frozenset("!$&()*+,;=:@/?")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACES = "\t\n\x0c\r "
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
# Most addresses are plain, and there are many of them.
_PLAIN = re.compile(r"[A-Za-z0-9._~!$&()*+,;=:@/-]*")
_PIECE = re.compile(r"%[0-9A-Fa-f]{2}|[^%]+|%")
# "http:/x" and "http:///x" name different hosts to different readers.
_ODD_START = re.compile(r"(?i)https?:(?!//[^/])|//(?:/|$)")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH_SESSION = re.compile(r"(?i);jsessionid=[^/;]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that say where a reader came from, never what is shown.
_TRACKING = re.compile(
    r"utm_\w+|_ga|_gl|(?:d|fb|g|ms|tt|tw|y)clid|gclsrc|[gw]braid|mc_[ce]id|igshid|spm|scm|bd_vid|hm(?:sr|pl|cu|kw|ci)|isappinstalled"
    r"|jsessionid|phpsessid|aspsessionid\w*"
)
# Names that are sometimes more than that: dropped only with such a value.  "from=20" is an offset and
# "from=2024-01-01" a day, "ref=AB-12" a document.
_TRACKING_VALUES = {
    "from": re.compile(r"(?![\d%+-]).*", re.DOTALL),
    "ref": re.compile(r"[A-Za-z._-]*"),
    "sid": re.compile(r"[0-9A-Fa-f]{16,}"),
}


def _escaped(text: str, safe: frozenset[str]) -> str:
    """Escape what must be, unescape what need not be; what an escape stands for never changes."""
    if _PLAIN.fullmatch(text):
        return text
    pieces: list[str] = []
    for piece in _PIECE.findall(text):
        if match := _ESCAPE.fullmatch(piece):
            character = chr(int(match[1], 16))
            pieces.append(character if character in _UNRESERVED else piece.upper())
        else:
            pieces.extend(
                character if character in safe else "".join(f"%{byte:02X}" for byte in character.encode())
                for character in piece
            )
    return "".join(pieces)


@lru_cache(maxsize=4_096)
def _host(name: str) -> str | None:
    if ":" in name:
        try:
            return f"[{ipaddress.IPv6Address(name).compressed}]" if "%" not in name else None
        except ValueError:
            return None
    try:
        ascii_name = name.encode("idna").decode("ascii").lower().removesuffix(".") if len(name) <= 253 else ""
    except UnicodeError:
        return None
    labels = ascii_name.split(".")
    if len(ascii_name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    if _NUMBER_LABEL.fullmatch(labels[-1]):
        # "2130706433", "0x7f.1", "127.1" and "010.0.0.1" are addresses to some readers, names to others.
        try:
            return str(ipaddress.IPv4Address(ascii_name))
        except ValueError:
            return None
    return ascii_name


def _authority(parts: SplitResult) -> str | None:
    if "@" in parts.netloc or not parts.hostname or (host := _host(parts.hostname)) is None:
        return None
    port = parts.port
    if port == 0:
        return None
    return host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"


def _path(path: str) -> str:
    path = _PATH_SESSION.sub("", _escaped(path, _PATH_SAFE))
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    if path.endswith(("/.", "/..")):
        segments.append("")
    return "/" + "/".join(segments)


def _counts(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = unquote(name).lower()
    if not parameter or _TRACKING.fullmatch(name):
        return False
    pattern = _TRACKING_VALUES.get(name)
    return pattern is None or pattern.fullmatch(value) is None


def canonicalize(url: str, base: str | None = None) -> str | None:
    """Return the one spelling of an http or https address, or None for anything else or broken.

    Pure and idempotent.  Fragment, default port, dot segments, tracking parameters and session ids go; the
    order of the other parameters stays, since some servers heed it.

    url: as a page writes it: may be relative, hostile, in any script.
    base: absolute address of the page, or of its <base>.
    """
    url = url.strip(_SPACES)
    if len(url) > LONGEST_ADDRESS or _CONTROL.search(url):
        return None
    # Browsers read a backslash before the query as a slash, so links with it work, and so does "\\host".
    start = re.match(r"[^?#]*", url)
    cut = start.end() if start else 0
    url = url[:cut].replace("\\", "/") + url[cut:]
    if _ODD_START.match(url):
        return None
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
        if parts.scheme not in _DEFAULT_PORTS or (authority := _authority(parts)) is None:
            return None
        path = _path(parts.path)
        query = "&".join(filter(_counts, _escaped(parts.query, _QUERY_SAFE).split("&")))
    except ValueError:
        return None
    address = f"{parts.scheme}://{authority}{path}" + (f"?{query}" if query else "")
    return address if len(address) <= LONGEST_ADDRESS else None
