"""A client's copy of a conversation."""

from __future__ import annotations

from typing import Any

from hubbub.testkit.simulation.copy import Copy, Face, Line


def _msg(s: int, text: str = "", **fields: Any) -> dict[str, Any]:
    body = {"k": "text", "text": text or f"text {s}"}
    return {"s": s, "from": "u_a", "dev": "v_a", "cid": s, "ts": s, "b": body, **fields}


def _change(s: int, of: int, kind: str, user: str = "u_a", **body: Any) -> dict[str, Any]:
    return {**_msg(s), "from": user, "b": {"k": kind, "s": of, **body}}


def _face(copy: Copy, s: int) -> Face:
    found = copy.face(s)
    assert found is not None
    return found[0]


def test_what_comes_in_order_is_had_and_a_gap_is_seen() -> None:
    copy = Copy("c")
    copy.take(_msg(1))
    copy.take(_msg(3))
    assert (copy.last, copy.wanted, copy.behind) == (1, 3, True)
    copy.take(_msg(2))
    assert (copy.last, copy.behind) == (3, False)


def test_a_page_covers_what_it_leaves_out_but_no_gap_before_it() -> None:
    copy = Copy("c")
    copy.covered(1, 4)
    assert copy.last == 4
    copy.covered(7, 9)
    assert copy.last == 4


def test_the_same_message_may_not_come_otherwise() -> None:
    copy = Copy("c")
    copy.take(_msg(1))
    copy.take(_msg(1))
    assert not copy.clashes
    copy.take({**_msg(1), "ts": 9})
    assert len(copy.clashes) == 1


def test_changes_are_folded_in_the_order_of_the_log() -> None:
    copy = Copy("c")
    copy.take(_change(3, 1, "edit", text="newest"))
    copy.take(_change(2, 1, "edit", text="newer"))
    copy.take(_msg(1))
    copy.take(_change(4, 1, "react", "u_b", emoji="+"))
    assert _face(copy, 1) == Face("newest", (("u_b", "+"),))
    copy.take(_change(5, 1, "react", "u_b", emoji=""))
    assert _face(copy, 1).reactions == ()
    copy.take(_change(6, 1, "delete"))
    copy.take(_change(7, 1, "edit", text="too late"))
    assert _face(copy, 1) == Face(None, ())


def test_a_page_that_shows_a_change_already_is_not_changed_back_by_it() -> None:
    copy = Copy("c")
    copy.take({**_msg(1, "second"), "reactions": {"+": ["u_b"]}}, version=4)
    copy.take(_change(2, 1, "edit", text="first"))
    assert _face(copy, 1) == Face("second", (("u_b", "+"),))
    copy.take(_msg(1, "zeroth"), version=1)
    assert _face(copy, 1).text == "second"


def test_what_a_device_sent_is_had_with_its_ack() -> None:
    copy = Copy("c")
    copy.own(1, Line("u_a", "v_a", 1, 1), {"k": "text", "text": "mine"})
    assert (copy.last, _face(copy, 1).text) == (1, "mine")
    assert (copy.seqs, copy.texts) == ([1], [1])
    assert copy.face(2) is None
