"""The schema as a page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from tests.support.http_node import HttpNode

from hubbub.transport.edge.http.docs import render


class Reader(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in ("meta", "link"):
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            else:
                assert name in ("lang", "charset", "name", "content", "rel"), name

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


async def test_the_page_shows_every_route_and_every_link_leads_somewhere(node: HttpNode) -> None:
    http = node.client()
    answer = await http.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Reader(answer.text)
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    for path in (await http.get("/openapi.json")).json()["paths"]:
        assert path in page.words
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert (await http.get(link)).status_code == 200
    assert (await http.get("/docs")).text == answer.text


async def test_the_page_holds_no_script_and_nothing_from_elsewhere(node: HttpNode) -> None:
    page = Reader((await node.client().get("/docs")).text)
    assert not page.tags & {"script", "style", "img", "iframe"}
    assert all(link.startswith(("#", "/")) and "//" not in link for link in page.links)


def test_every_kind_of_type_can_be_read() -> None:
    properties = {
        "a": {"type": "string", "minLength": 1, "maxLength": 2000},
        "b": {"anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]},
        "c": {"enum": ["x", "y"]},
        "d": {"const": "z"},
        "e": {"type": "array", "items": {"type": "integer"}},
        "f": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
        "g": {},
        "h": {"type": "array", "items": False},
    }
    page = Reader(
        render(
            {
                "info": {"title": "T", "version": "1"},
                "paths": {},
                "components": {"schemas": {"Other": {}, "One": {"properties": properties}}},
            }
        )
    )
    for words in (
        "string from 1 to 2,000",
        "Other or null",
        "'x' or 'y'",
        "'z'",
        "list of integer",
        "[string, integer]",
        "anything",
        "list of anything",
    ):
        assert words in page.words


def test_everything_is_escaped() -> None:
    nasty = "<script>alert('\"&</script>"
    operation: dict[str, Any] = {
        "operationId": nasty,
        "description": nasty,
        "parameters": [{"name": nasty, "in": "query", "required": True, "schema": {}}],
        "requestBody": {"content": {"x": {"schema": {"type": nasty}}}},
        "responses": {nasty: {"description": nasty}},
    }
    page = Reader(
        render(
            {
                "info": {"title": nasty, "version": nasty},
                "paths": {nasty: {"get": operation}},
                "components": {
                    "schemas": {
                        nasty: {
                            "description": nasty,
                            "properties": {
                                nasty: {"enum": [nasty], "description": nasty},
                                "ref": {"$ref": nasty},
                            },
                        }
                    }
                },
            }
        )
    )
    assert "script" not in page.tags
    assert page.open == []
    assert page.words.count("alert") >= 10
