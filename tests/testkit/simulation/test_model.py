"""What the logs mean."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.testkit.simulation.lab import entry

from hubbub.storage.memory_logs import Log
from hubbub.storage.records import Entry
from hubbub.testkit.simulation.copy import Face, Line
from hubbub.testkit.simulation.model import Story, story_of


def _system(seq: int, ev: str, sender: str = "u_a", **fields: Any) -> Entry:
    count = fields.pop("count", 0)
    return entry(seq, "system", msgspec.msgpack.encode({"ev": ev, **fields}), sender, count=count)


def _text(seq: int, sender: str = "u_a", **fields: Any) -> Entry:
    body = msgspec.msgpack.encode({"text": f"text {seq}"})
    return entry(seq, "text", body, sender, count=fields.pop("count", 1), **fields)


def _story(*entries: Entry) -> Story:
    return story_of("g_a", Log(list(entries)))


def test_a_member_sees_from_joining_to_leaving_and_again() -> None:
    story = _story(
        _system(1, "created", users=["u_a", "u_b"], title="Team"),
        _system(2, "kicked", users=["u_b"]),
        _text(3),
        _system(4, "joined", users=["u_b"], count=1),
        _system(5, "renamed", title="Crew", count=1),
    )
    assert story.faults == []
    assert story.shown("u_b") == [1, 2, 4, 5]
    assert [story.may_see("u_b", seq) for seq in range(7)] == [
        False, True, True, False, True, True, False,
    ]  # fmt: skip
    assert not story.may_see("u_nobody", 1)
    assert (story.title, story.head, story.countable[5]) == ("Crew", 5, 1)
    assert story.line(3) == Line("u_a", "", 0, 3)


def test_where_everything_is_shown_a_newcomer_sees_everything() -> None:
    story = _story(
        _system(1, "created", users=["u_a"], history="all"),
        _text(2),
        _system(3, "joined", users=["u_b"], count=1),
    )
    assert story.faults == []
    assert story.shown("u_b") == [1, 2, 3]


def test_when_the_owner_goes_somebody_follows() -> None:
    story = _story(
        _system(1, "created", users=["u_a", "u_b", "u_c"]),
        _system(2, "role", users=["u_c"], role="admin"),
        _system(3, "left", users=["u_a"]),
        _system(4, "role", "u_c", users=["u_b"], role="owner"),
    )
    assert {user: place.role for user, place in story.places.items()} == {
        "u_a": "member", "u_b": "owner", "u_c": "admin",
    }  # fmt: skip


def test_texts_are_folded_and_a_deleted_one_is_gone_with_its_edits() -> None:
    edit = msgspec.msgpack.encode({"text": "new"})
    react = msgspec.msgpack.encode({"emoji": "+"})
    entries = [
        _system(1, "created", users=["u_a", "u_b"]),
        _text(2),
        entry(3, "edit", edit, count=1, target=2),
        entry(4, "react", react, "u_b", count=1, target=2),
    ]
    assert _story(*entries).face(2, "u_a") == Face("new", (("u_b", "+"),))
    assert _story(*entries).face(3, "u_a") is None
    story = _story(*entries, entry(5, "delete", b"", count=1, target=2))
    assert story.face(2, "u_a") == Face(None, ())
    assert story.shown("u_a") == [1, 2, 4, 5]


def test_what_must_not_be_in_a_log_is_found() -> None:
    hole = _story(_system(1, "created", users=["u_a"]), _text(3))
    assert "stands at 2" in hole.faults[0]
    stranger = _story(_system(1, "created", users=["u_a"]), _text(2, "u_x"))
    assert "is no member" in stranger.faults[0]
    miscounted = _story(_system(1, "created", users=["u_a"]), _text(2, count=2))
    assert "counts 2, not 1" in miscounted.faults[0]
    block = entry(2, "block", msgspec.msgpack.encode({"on": True}), "u_b")
    blocked = _story(_system(1, "created", users=["u_a", "u_b"]), block, _text(3))
    assert "though blocked" in blocked.faults[0]
    intruder = _story(
        _system(1, "created", users=["u_a"]), _system(2, "joined", "u_x", users=["u_x"])
    )
    assert "is by no member" in intruder.faults[0]
    odd = _story(_system(1, "exploded"))
    assert "1 is exploded" in odd.faults[1]
