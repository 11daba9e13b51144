"""An embedder's program on the wheel: its actor is in a group, and nothing is left over."""

from __future__ import annotations

from pathlib import Path

from tests.packaging.installed import Installed

PROGRAM = Path(__file__).with_name("member_program.py").read_text("utf-8")


def test_an_actor_of_the_embedders_joins_a_group_and_hears_it_and_nothing_is_left_over(
    installed: Installed,
) -> None:
    said = dict(line.split(" ", 1) for line in installed.script(PROGRAM).splitlines())
    assert said == {
        "heard": "[(2, 'one'), (3, 'two'), (4, 'three')]",
        "threads": "0",
        "tasks": "0",
        "sockets": "[]",
        "own": "the embedder's own config the embedder's own storage",
    }
