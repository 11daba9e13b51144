"""A node elsewhere, as far as an operator's commands can tell: it answers all of them the same."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@contextmanager
def far_node(status: int, body: bytes, **headers: str) -> Generator[tuple[str, list[Any]]]:
    """Its address, and what it was asked: (path, Authorization, order or None)."""
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            order = self.rfile.read(int(self.headers["Content-Length"] or 0))
            told = json.loads(order) if order else None
            seen.append((self.path, self.headers["Authorization"], told))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}", seen
        finally:
            http.shutdown()
            thread.join()


__all__ = ["far_node"]
