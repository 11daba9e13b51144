"""One device's chain of cids (protocol, item 4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.actors.cid_window import KEPT, CidWindow, Known, digest
from hubbub.config.errors import CidOldError, CidUsedError, ResendError


def taken(window: CidWindow, cid: int, content: bytes = b"a") -> Known:
    known = Known(cid, cid * 10, 1000 + cid, digest(content))
    window.accept(known)
    return known


def test_a_new_cid_is_not_known() -> None:
    assert CidWindow().find(1, digest(b"a")) is None


def test_the_same_cid_with_the_same_content_is_the_first_one_again() -> None:
    window = CidWindow()
    known = taken(window, 7)
    assert window.find(7, digest(b"a")) is known


def test_the_same_cid_with_another_content_is_refused() -> None:
    window = CidWindow()
    taken(window, 7)
    with pytest.raises(CidUsedError) as refused:
        window.find(7, digest(b"b"))
    assert refused.value.last == 7


def test_a_cid_that_was_skipped_is_refused_for_ever() -> None:
    window = CidWindow()
    taken(window, 7)
    with pytest.raises(CidOldError) as refused:
        window.find(6, digest(b"a"))
    assert refused.value.last == 7


def test_a_hole_in_the_chain_is_found() -> None:
    window = CidWindow()
    taken(window, 7)
    window.follow(7)
    with pytest.raises(ResendError) as refused:
        window.follow(8)
    assert refused.value.last == 7


def test_only_the_newest_are_known() -> None:
    window = CidWindow()
    for cid in range(1, KEPT + 2):
        taken(window, cid)
    assert len(window.known) == KEPT
    with pytest.raises(CidOldError):
        window.find(1, digest(b"a"))
    assert window.find(2, digest(b"a")) is not None


def test_what_was_erased_is_taken_for_what_is_repeated() -> None:
    window = CidWindow()
    erased = taken(window, 1, b"")
    assert window.find(1, digest(b"whatever it was")) is erased


@given(st.lists(st.tuples(st.integers(1, 12), st.binary(min_size=1, max_size=1)), max_size=60))
def test_a_cid_never_names_two_contents(sends: list[tuple[int, bytes]]) -> None:
    window = CidWindow()
    named: dict[int, bytes] = {}
    for cid, content in sends:
        try:
            known = window.find(cid, digest(content))
        except CidUsedError:
            assert named[cid] != content
        except CidOldError:
            assert cid not in named
            assert cid < window.last
        else:
            if known is None:
                assert cid > max(named, default=0)
                named[cid] = content
                taken(window, cid, content)
            else:
                assert named[cid] == content
