"""The schema as a page for people, at `/docs`.

The usual page loads its scripts from a foreign host. This one is plain HTML made here, so the
strict policy of every other page holds for it, and it works without a network.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Schema = dict[str, Any]

_STYLE_AT = "/docs/style.css"

_METHODS = ("get", "post", "patch", "put", "delete")

_STYLE = """\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 56rem; margin: 0 auto; padding: 1rem; overflow-wrap: break-word; }
h2 { margin-top: 3rem; text-transform: capitalize; }
h3 { font-size: 1rem; margin: 2rem 0 0.25rem; }
h3 b { display: inline-block; min-width: 4.5rem; }
code, h3 { font-family: ui-monospace, monospace; }
p { margin: 0.25rem 0; }
h3 { overflow-wrap: anywhere; }
th { white-space: nowrap; }
table { border-collapse: collapse; margin: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.15rem 1rem 0.15rem 0; }
nav { columns: 14rem; }
nav a { display: block; padding: 0.2rem 0; }
:target { outline: 2px solid; outline-offset: 0.25rem; }
"""


def install(app: FastAPI) -> None:
    """Serve the page; it is made once, when it is first asked for."""
    made: list[str] = []

    async def page(request: Request) -> Response:
        if not made:
            made.append(render(app.openapi()))
        return Response(made[0], media_type="text/html; charset=utf-8", headers=_KEPT)

    async def style(request: Request) -> Response:
        return Response(_STYLE, media_type="text/css; charset=utf-8", headers=_KEPT)

    app.router.routes.extend([Route("/docs", page), Route(_STYLE_AT, style)])


_KEPT = {"Cache-Control": "no-cache"}


def render(schema: Schema) -> str:
    """The whole page. Everything from the schema is escaped."""
    info, schemas = schema["info"], schema["components"]["schemas"]
    title = escape(f"{info['title']} {info['version']}")
    by_tag: dict[str, list[str]] = {}
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                tag = item[method].get("tags", ["other"])[0]
                by_tag.setdefault(tag, []).append(_operation(method, path, item[method]))
    parts = [f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in by_tag.items()]
    parts.append("<h2>Schemas</h2>")
    parts.extend(_schema(name, schemas[name]) for name in sorted(schemas))
    names = "".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in sorted(schemas))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{_STYLE_AT}"></head><body><h1>{title}</h1>'
        '<p>The same as data: <a href="/openapi.json">/openapi.json</a>. Signed-in routes take '
        "<code>Authorization: Bearer ACCESS</code>.</p>"
        f"{''.join(parts)}<h2>All schemas</h2><nav>{names}</nav></body></html>"
    )


def _operation(method: str, path: str, operation: Schema) -> str:
    name = escape(operation["operationId"])
    parts = [f'<h3 id="{name}"><b>{method.upper()}</b>{escape(path)}</h3>']
    parts.append(_paragraphs(operation.get("description", "")))
    if operation.get("security"):
        parts.append("<p>For the signed-in.</p>")
    rows = [
        (f"{p['name']} ({p['in']})", _type(p["schema"]), _note(p, p["required"]))
        for p in operation.get("parameters", [])
    ]
    body = operation.get("requestBody")
    if body is not None:
        rows.append(("body", _content(body), ""))
    for status, response in operation["responses"].items():
        rows.append((status, _content(response), escape(response["description"])))
    return "".join(parts) + _table(rows)


def _schema(name: str, schema: Schema) -> str:
    required = schema.get("required", [])
    rows = [
        (field, _type(found), _note(found, field in required))
        for field, found in schema.get("properties", {}).items()
    ]
    about = _paragraphs(schema.get("description", ""))
    return f'<h3 id="{escape(name)}">{escape(name)}</h3>{about}{_table(rows)}'


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part)


def _note(found: Schema, required: bool) -> str:
    notes = [] if required else ["may be left out"]
    if "description" in found:
        notes.append(escape(found["description"]))
    return ": ".join(notes)


def _content(holder: Schema) -> str:
    for content in holder.get("content", {}).values():
        return _type(content.get("schema", {}))
    return ""


def _type(schema: Schema) -> str:
    """A type as HTML, with links to the schemas it names."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(_type(one) for one in schema[several])
    if "enum" in schema:
        return " or ".join(f"<code>{escape(repr(value))}</code>" for value in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(repr(schema['const']))}</code>"
    if schema.get("type") == "array":
        inner = schema.get("prefixItems")
        if inner:
            return f"[{', '.join(_type(one) for one in inner)}]"
        return f"list of {_type(schema.get('items') or {})}"
    bounds = [
        f"{word} {schema[key]:,}"
        for key, word in (
            ("minimum", "from"),
            ("maximum", "to"),
            ("minLength", "from"),
            ("maxLength", "to"),
        )
        if key in schema
    ]
    return escape(" ".join([schema.get("type", "anything"), *bounds]))


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    cells = "".join(
        f"<tr><th><code>{escape(name)}</code></th><td>{kind}</td><td>{note}</td></tr>"
        for name, kind, note in rows
    )
    return f"<table>{cells}</table>" if cells else ""


__all__ = ["install", "render"]
