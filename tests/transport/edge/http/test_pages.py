"""The web page's files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.support.http_node import HttpNode, open_http_node

from hubbub.transport.edge.http.pages import WebFiles
from hubbub.web import STATIC, asset_hash

HASH = "0123456789abcdef"
INDEX = '<script type="module" src="/app/@HASH@/app/main.js"></script>'


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[HttpNode]:
    """A node with a small page."""
    folder = tmp_path / "static"
    (folder / "app").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "app" / "main.js").write_text("export const many = 1;\n" * 200)
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "site.webmanifest").write_text("{}")
    (folder / "odd.nobodyknows").write_bytes(b"\0")
    (tmp_path / "secret.txt").write_text("secret")
    node = await open_http_node(web=WebFiles(folder, HASH))
    yield node
    await node.close()


async def test_the_page_names_its_files_by_the_hash_and_is_revalidated(site: HttpNode) -> None:
    answer = await site.client().get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == INDEX.replace("@HASH@", HASH)
    assert answer.headers["cache-control"] == "no-cache"
    again = await site.client().get("/", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_file_under_the_hash_is_kept_for_ever(site: HttpNode) -> None:
    answer = await site.client().get(f"/app/{HASH}/app/main.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


async def test_files_go_out_zipped_to_those_who_take_it(site: HttpNode) -> None:
    path = f"/app/{HASH}/app/main.js"
    zipped = await site.client().get(path, headers={"Accept-Encoding": "gzip"})
    plain = await site.client().get(path, headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.content == plain.content
    assert int(zipped.headers["content-length"]) < len(plain.content)
    assert zipped.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("icon.svg", "image/svg+xml"),
        ("site.webmanifest", "application/manifest+json"),
        ("odd.nobodyknows", "application/octet-stream"),
    ],
)
async def test_each_kind_of_file_has_its_type(site: HttpNode, name: str, media_type: str) -> None:
    answer = await site.client().get(f"/app/{HASH}/{name}")
    assert answer.headers["content-type"] == media_type


@pytest.mark.parametrize(
    "path",
    [
        f"/app/{HASH}/../secret.txt",
        f"/app/{HASH}/%2e%2e/secret.txt",
        f"/app/{HASH}/..%2fsecret.txt",
        f"/app/{HASH}//etc/passwd",
        f"/app/{HASH}/",
        f"/app/{HASH}/app",
        "/app/0000000000000000/app/main.js",
        "/app/",
        "/index.html",
    ],
)
async def test_nothing_else_is_served(site: HttpNode, path: str) -> None:
    url = httpx.URL("http://chat.test").copy_with(raw_path=path.encode())
    answer = await site.client().get(url)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_real_page_loads_with_everything_it_names() -> None:
    node = await open_http_node(web=WebFiles(STATIC, asset_hash()))
    http = node.client()
    page = await http.get("/")
    named = [part.split('"')[0] for part in page.text.split('"/app/')[1:]]
    assert named
    for name in named:
        assert (await http.get(f"/app/{name}")).status_code == 200
    assert "@HASH@" not in page.text
    await node.close()


async def test_a_node_without_a_page_serves_none(node: HttpNode) -> None:
    assert (await node.client().get("/")).status_code == 404
