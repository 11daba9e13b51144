"""Reading pages that a conversation has granted."""

from __future__ import annotations

from ..config.errors import NotFoundError
from ..config.limits import Limits
from ..storage.contract import Logs
from ..storage.records import Message
from .answers import PageAnswer
from .commands import Grant
from .projections import as_granted
from .requests import HistoryRequest


async def read_page(
    logs: Logs, limits: Limits, request: HistoryRequest, grant: Grant
) -> PageAnswer:
    """The page asked for, within what was granted.

    A page covers `first` to `last` whatever it leaves out: what is not for the asker, too.

    Raises:
        NotFoundError: The one message asked for is not there, or not for the asker.
        StoreError: Not readable just now.
    """
    head = grant.spans[-1][1] if grant.spans else 0
    if request.at is not None:
        found: list[Message] = []
        if _span_at(grant, request.at) is not None:
            found = await logs.page(
                grant.conv, request.at, request.at, limit=1, max_bytes=limits.page_bytes
            )
        if not found:
            raise NotFoundError("There is no such message.")
        answer = _answer(grant, found, request.at, request.at, head, more=False, whole=True)
        (shown,) = answer.messages
        if shown.entry.kind == "edit" and not shown.entry.body:
            raise NotFoundError("That message was deleted.")
        return answer
    limit = min(request.limit, limits.page_items)
    if request.after is not None:
        return await _forwards(logs, limits, grant, request.after, limit, head)
    before = head + 1 if request.before is None else min(request.before, head + 1)
    return await _backwards(logs, limits, grant, before, limit, head)


async def _forwards(
    logs: Logs, limits: Limits, grant: Grant, after: int, limit: int, head: int
) -> PageAnswer:
    spans = [(max(a, after + 1), b) for a, b in grant.spans if b > after]
    if not spans:
        return _answer(grant, [], 0, 0, head, more=False)
    first, last = spans[0]
    found = await logs.page(grant.conv, first, last, limit=limit, max_bytes=limits.page_bytes)
    to = found[-1].entry.seq if found else last
    return _answer(grant, found, after + 1, to, head, more=to < last or len(spans) > 1)


async def _backwards(
    logs: Logs, limits: Limits, grant: Grant, before: int, limit: int, head: int
) -> PageAnswer:
    spans = [(a, min(b, before - 1)) for a, b in grant.spans if a < before]
    if not spans:
        return _answer(grant, [], 0, 0, head, more=False)
    first, last = spans[-1]
    found = await logs.page(
        grant.conv, first, last, limit=limit, max_bytes=limits.page_bytes, backwards=True
    )
    start = found[0].entry.seq if found else first
    return _answer(grant, found, start, before - 1, head, more=start > first or len(spans) > 1)


def _span_at(grant: Grant, seq: int) -> tuple[int, int] | None:
    return next((span for span in grant.spans if span[0] <= seq <= span[1]), None)


def _answer(
    grant: Grant,
    found: list[Message],
    first: int,
    last: int,
    head: int,
    *,
    more: bool,
    whole: bool = False,
) -> PageAnswer:
    shown = as_granted(found, grant.pending, head if grant.left else None)
    changed_at = max(
        (m.projection.changed_at if m.projection else m.entry.seq for m in shown), default=0
    )
    return PageAnswer(grant.conv, shown, first, last, head, more, changed_at, whole)


__all__ = ["read_page"]
