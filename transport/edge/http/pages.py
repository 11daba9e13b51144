"""The web page's files, read once, served from memory under a name that changes with them."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ....config.errors import NotFoundError

_KEPT_FOR_EVER = "public, max-age=31536000, immutable"

#: What the system's own tables may lack or name otherwise.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    body: bytes = field(repr=False)


class WebFiles:
    """The page at `/` and what it loads from `/app/HASH/`.

    Args:
        folder: The static files, `index.html` among them; its `@HASH@` becomes the hash.
        content_hash: Changes when any of them changes.
    """

    def __init__(self, folder: Path, content_hash: str) -> None:
        self._hash = content_hash
        #: {path below the folder, with "/": its file}: all and only what is served.
        self._files: dict[str, _File] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self._files[path.relative_to(folder).as_posix()] = _read(path, content_hash)

    def routes(self) -> list[Route]:
        """The two routes; GET and HEAD."""
        return [
            Route("/", self._index, methods=["GET"]),
            Route("/app/{hash}/{path:path}", self._asset, methods=["GET"]),
        ]

    async def _index(self, request: Request) -> Response:
        return self._serve(request, "index.html", "no-cache")

    async def _asset(self, request: Request) -> Response:
        if request.path_params["hash"] != self._hash:
            # Of another version: the page that asks must be loaded anew.
            raise NotFoundError("There is nothing here.")
        return self._serve(request, request.path_params["path"], _KEPT_FOR_EVER)

    def _serve(self, request: Request, path: str, cache: str) -> Response:
        file = self._files.get(path)
        if file is None:
            raise NotFoundError("There is nothing here.")
        headers = {"Cache-Control": cache, "ETag": f'W/"{self._hash}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(file.body, headers=headers, media_type=file.media_type)


def _read(path: Path, content_hash: str) -> _File:
    body = path.read_bytes()
    if path.name == "index.html":
        body = body.replace(b"@HASH@", content_hash.encode())
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return _File(media_type or "application/octet-stream", body)


__all__ = ["WebFiles"]
