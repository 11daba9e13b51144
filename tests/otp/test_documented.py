"""docs/supervision.md: every rule has a test, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "supervision.md").read_text("utf-8")
ROWS = [
    line
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith("| OTP's rule |")
]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def names_in(path: str) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_one_test_and_it_is_there(row: str) -> None:
    _, _rule, where, ours, named, _ = (cell.strip() for cell in row.split("|"))
    assert where and ours
    found = NAMED.fullmatch(named)
    assert found is not None
    path, name = found.groups()
    assert name in names_in(path)


def test_there_are_as_many_rows_as_ever() -> None:
    assert len(ROWS) >= 95


@pytest.mark.parametrize("name", ["auto_shutdown", "children", "orders", "strategies"])
def test_every_test_of_a_rule_is_in_the_table(name: str) -> None:
    path = f"tests/otp/test_{name}.py"
    assert {each for file, each in NAMED.findall(TEXT) if file == path} == names_in(path)


def test_every_difference_that_a_row_names_is_explained_and_each_is_named() -> None:
    named = {each for row in ROWS for each in re.findall(r"\bD\d\b", row)}
    explained = set(re.findall(r"^- \*\*(D\d) ", TEXT, re.MULTILINE))
    assert named == explained
