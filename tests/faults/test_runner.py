"""What of a node's log a fault explains."""

from __future__ import annotations

import pytest

from .runner import explains

WORDS = ("commit_failed", "OSError: [Errno 27] File too large")


@pytest.mark.parametrize(
    ("line", "explained"),
    [
        ("2026-11-29T05:24:52.128521Z [error    ] commit_failed   error=OSError", True),
        ("2026-11-29T05:24:52.128521Z [error    ] commi", True),
        ("2026-11-29T05:24:52.128521Z [error    ] ", True),
        ("OSError: [Errno 27] File too large", True),
        ("2026-11-29T05:24:52.128521Z [error    ] commi  conv=g_x", False),
        ("2026-11-29T05:24:52.128521Z [error    ] unheard", False),
        ("Traceback (most recent call last):", False),
    ],
)
def test_a_line_is_explained_by_a_word_also_where_it_was_cut_short(
    line: str, explained: bool
) -> None:
    assert explains(WORDS, line) is explained


def test_a_fault_that_explains_nothing_explains_no_line_that_is_cut_short() -> None:
    assert not explains((), "2026-11-29T05:24:52.128521Z [error    ] ")
