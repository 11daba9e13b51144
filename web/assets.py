"""Where the page's static files are, and which version of them this is."""

from __future__ import annotations

import hashlib
from pathlib import Path

#: The folder of the static files. index.html, served at "/", names every other file as
#: /app/@HASH@/PATH, PATH being relative to this folder; "@HASH@" stands for `asset_hash()`.
STATIC = Path(__file__).resolve().parent / "static"

_HASH_CHARS = 16


def asset_hash(folder: Path = STATIC) -> str:
    """Names the version of all static files together.

    A file's name and its bytes both count, so a URL with this hash in it never changes its
    content and may be cached for ever.

    Args:
        folder: The folder of the files.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{name} {content}\n".encode())
    return digest.hexdigest()[:_HASH_CHARS]


__all__ = ["STATIC", "asset_hash"]
