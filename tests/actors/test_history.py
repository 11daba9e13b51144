"""Pages within what a conversation granted."""

from __future__ import annotations

from typing import Any, cast

import pytest

from hubbub.actors.answers import PageAnswer
from hubbub.actors.bodies import Text, encode_body
from hubbub.actors.commands import Grant
from hubbub.actors.history import read_page
from hubbub.actors.requests import HistoryRequest
from hubbub.config.errors import NotFoundError
from hubbub.config.ids import ConvId
from hubbub.config.limits import Limits
from hubbub.storage.contract import Logs
from hubbub.storage.records import Entry, Message, Projection

CONV = ConvId("g_x")


class ALog:
    """One log of texts, 1 to `head`; 7 was edited by 12."""

    def __init__(self, head: int) -> None:
        self.head = head

    async def page(
        self,
        conv: ConvId,
        first: int,
        last: int,
        *,
        limit: int,
        max_bytes: int,
        backwards: bool = False,
    ) -> list[Message]:
        assert conv == CONV
        assert max_bytes == Limits().page_bytes
        seqs = list(range(first, min(last, self.head) + 1))
        seqs = seqs[-limit:] if backwards else seqs[:limit]
        body = encode_body(Text("Hello"))
        return [
            Message(
                Entry(s, 1, "v", s, "u", s, "text", body, s)
                if s != 12
                else Entry(s, 1, "v", s, "u", s, "edit", body, s, 7),
                Projection(7, 12) if s == 7 else None,
            )
            for s in seqs
        ]


async def page(
    spans: tuple[tuple[int, int], ...],
    pending: tuple[Projection, ...] = (),
    left: bool = False,
    **asked: Any,
) -> PageAnswer:
    request = HistoryRequest(
        1, CONV, asked.get("after"), asked.get("before"), asked.get("at"), asked.get("limit", 50)
    )
    return await read_page(
        cast(Logs, ALog(20)), Limits(), request, Grant(CONV, spans, pending, left)
    )


def seqs(answer: PageAnswer) -> list[int]:
    return [m.entry.seq for m in answer.messages]


async def test_after_a_seq() -> None:
    answer = await page(((1, 20),), after=5, limit=3)
    assert seqs(answer) == [6, 7, 8]
    assert (answer.first, answer.last, answer.head, answer.more) == (6, 8, 20, True)
    assert answer.changed_at == 12


async def test_the_end_of_the_log() -> None:
    answer = await page(((1, 20),), after=18)
    assert seqs(answer) == [19, 20]
    assert (answer.last, answer.more) == (20, False)


async def test_nothing_after_the_tip() -> None:
    answer = await page(((1, 20),), after=20)
    assert (seqs(answer), answer.first, answer.last, answer.more) == ([], 0, 0, False)


async def test_before_a_seq() -> None:
    answer = await page(((1, 20),), before=10, limit=3)
    assert seqs(answer) == [7, 8, 9]
    assert (answer.first, answer.last, answer.more) == (7, 9, True)


async def test_the_newest_page_when_nothing_is_said() -> None:
    answer = await page(((1, 20),), limit=2)
    assert seqs(answer) == [19, 20]
    assert answer.more


async def test_nothing_before_the_first() -> None:
    answer = await page(((4, 20),), before=4)
    assert (seqs(answer), answer.more) == ([], False)


async def test_only_what_is_granted_and_the_page_covers_the_hole() -> None:
    spans = ((3, 5), (10, 12))
    first = await page(spans, after=0)
    assert seqs(first) == [3, 4, 5]
    assert (first.first, first.last, first.more) == (1, 5, True)
    second = await page(spans, after=5)
    assert seqs(second) == [10, 11, 12]
    assert (second.first, second.last, second.more) == (6, 12, False)
    back = await page(spans, before=10)
    assert seqs(back) == [3, 4, 5]
    assert (back.first, back.last, back.more) == (3, 9, False)


async def test_one_message_whole() -> None:
    answer = await page(((1, 20),), at=7)
    assert seqs(answer) == [7]
    assert answer.whole


@pytest.mark.parametrize("at", [2, 6, 21])
async def test_a_message_that_is_not_for_the_asker_is_not_found(at: int) -> None:
    with pytest.raises(NotFoundError):
        await page(((3, 5), (10, 30)), at=at)


async def test_a_limit_is_held_to_the_limit() -> None:
    answer = await page(((1, 20),), after=0, limit=10**9)
    assert len(seqs(answer)) == 20


async def test_what_the_store_does_not_show_yet_is_shown() -> None:
    gone = Projection(8, 21, deleted=True)
    answer = await page(((1, 20),), (gone,), after=6, limit=2)
    assert [m.projection for m in answer.messages] == [Projection(7, 12), gone]
    assert answer.messages[1].entry.body == b""
    assert answer.changed_at == 21
    lone = await page(((1, 20),), (gone,), at=8)
    assert lone.messages == answer.messages[1:]


async def test_one_who_left_is_not_shown_what_became_of_a_text_later() -> None:
    there = await page(((1, 12),), left=True, at=7)
    before = await page(((1, 11),), left=True, at=7)
    assert [m.projection for m in there.messages] == [Projection(7, 12)]
    assert [m.projection for m in before.messages] == [None]
    assert before.changed_at == 7


async def test_an_edit_of_a_deleted_text_is_not_found() -> None:
    assert seqs(await page(((1, 20),), at=12)) == [12]
    with pytest.raises(NotFoundError):
        await page(((1, 20),), (Projection(7, 21, deleted=True),), at=12)
