"""Tables for a terminal, and the sections of docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .result import Result, number

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def show(result: Result, console: Console) -> None:
    """Print a result, and its profile if there is one."""
    table = Table(title=f"{result.name}: {result.about}", title_justify="left", show_lines=False)
    for column in ("figure", "value", "unit", "goal", "met"):
        table.add_column(column, justify="right" if column == "value" else "left")
    for figure in result.figures:
        goal = "" if figure.goal is None else str(figure.goal)
        table.add_row(figure.what, number(figure.value), figure.unit, goal, figure.verdict)
    console.print(table)
    for line in result.profile:
        console.print(line, markup=False, highlight=False)


def machine() -> str:
    """What the figures were measured on."""
    return (
        f"{os.cpu_count()} shared cores, {platform.system()} {platform.release().split('-')[0]}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def section(result: Result, command: str, day: str) -> str:
    """A result as a section of the page."""
    lines = [
        f"## {result.name}",
        "",
        f"{result.about}.",
        "",
        f"`{command}`, {day}, {machine()}",
        "",
        "| figure | value | unit | goal | met |",
        "|---|---:|---|---|---|",
    ]
    for figure in result.figures:
        goal = "" if figure.goal is None else str(figure.goal)
        cells = (figure.what, number(figure.value), figure.unit, goal, figure.verdict)
        lines.append("| " + " | ".join(cells) + " |")
    if result.profile:
        lines += ["", "Where the server's time went:", "", "```text", *result.profile, "```"]
    return "\n".join(lines) + "\n"


def replaced(page: str, name: str, text: str) -> str:
    """The page with this benchmark's section exchanged, or added at its end."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    block = f"{begin}\n{text}{end}"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(page):
        return pattern.sub(lambda _: block, page)
    return f"{page.rstrip()}\n\n{block}\n"


def write(result: Result, command: str, day: str, page: Path = PAGE) -> None:
    """Put a result into the page."""
    text = section(result, command, day)
    page.write_text(replaced(page.read_text(), result.name, text))


__all__ = ["PAGE", "machine", "replaced", "section", "show", "write"]
