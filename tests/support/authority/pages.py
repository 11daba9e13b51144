"""What a page of history may hold, whatever its size."""

from __future__ import annotations

from tests.support.authority.rooms import Frame, Room

NOT_FOUND: Frame = {"t": "err", "code": "not_found"}


def check_page(room: Room | None, user: str, asked: Frame, answer: Frame) -> None:
    """Hold an answer to `hist` to the rules: exactly what is the user's to see, from end to end.

    Raises:
        AssertionError: It is a byte too much, or too little.
    """
    if room is None or user not in room.members:
        assert answer == NOT_FOUND
        return
    seqs = room.seqs(user)
    if "at" in asked:
        shown_one = room.shown(user, asked["at"]) if asked["at"] in seqs else None
        assert answer == (NOT_FOUND if shown_one is None else _alone(room, shown_one, seqs))
        return
    first, last = answer["from"], answer["to"]
    covered = [seq for seq in seqs if first <= seq <= last]
    shown = [room.shown(user, seq) for seq in covered]
    assert answer["msgs"] == [frame for frame in shown if frame is not None]
    assert answer["head"] == (seqs[-1] if seqs else 0)
    assert answer["t"] == "page" and answer["c"] == room.id
    assert len(answer["msgs"]) <= asked["limit"]
    if "after" in asked:
        wanted = [seq for seq in seqs if seq > asked["after"]]
        beyond = [seq for seq in wanted if seq > last]
        assert not wanted or first == asked["after"] + 1
    else:
        before = min(asked.get("before", room.head + 1), answer["head"] + 1)
        wanted = [seq for seq in seqs if seq < before]
        beyond = [seq for seq in wanted if seq < first]
        assert not wanted or last == before - 1
    assert bool(wanted) == bool(covered), "a page goes on"
    assert answer["more"] == bool(beyond)


def _alone(room: Room, shown: Frame, seqs: list[int]) -> Frame:
    at = shown["s"]
    page = {"t": "page", "c": room.id, "msgs": [shown], "head": seqs[-1]}
    return page | {"from": at, "to": at, "more": False}


__all__ = ["check_page"]
