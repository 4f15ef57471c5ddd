"""An HTTP receiver in a process of its own, which fails every other time and may be killed: ``python -m``, port, file.

Each body that it takes stands in the file as a line, with the headers of its signature, before the answer is sent.
"""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Receiver(BaseHTTPRequestHandler):
    """Takes a body, or answers that it is busy."""

    taken: Path
    asked = 0

    def do_POST(self) -> None:
        """Take every second request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.asked += 1
        if Receiver.asked % 2:
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        signed = {name.lower(): value for name, value in self.headers.items() if name.lower().startswith("webhook-")}
        with self.taken.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"headers": signed, "body": body.decode("utf-8")}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""


if __name__ == "__main__":
    Receiver.taken = Path(sys.argv[2])
    server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print("ready", flush=True)  # noqa: T201
    server.serve_forever()
