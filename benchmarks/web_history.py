"""A long conversation in the web app: opening it, scrolling up in it, going to a date."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from argon2 import PasswordHasher

from .pieces.node import DATABASE, node
from .pieces.page import WebPage, web_page
from .pieces.result import Figure, Goal, LostError, Options, Result
from .pieces.seed import seed

SHORT = 100
LONG = 100_000
UP = 5_000
STEP_PX = 1_500

#: Texts of a day, as they are seeded.
DAY_TEXTS = 144

#: Opening the long one, over the short one: the work is the same, the clock of a browser is not.
GOAL_TIMES = 1.5
#: Messages in the document at once, whatever was scrolled through.
GOAL_DRAWN = 260
#: What the page's scripts may hold more at 5,000 up than at 1,000, in KiB.
GOAL_GROWTH_KIB = 512
#: Halving 100,000 takes 17 questions; then the page itself, and what lies before and after it.
GOAL_ASKED = 20

_PASSWORD = "correct horse 9"


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of a conversation."""

    took_ms: float
    asked: dict[str, int]
    bytes_in: int
    elements: int
    heap_bytes: float


@dataclass(frozen=True, slots=True)
class Scrolled:
    """A way up through a conversation.

    Attributes:
        heap_bytes: After each thousand of messages.
    """

    drawn: int
    heap_bytes: list[float]


async def run(options: Options) -> Result:
    """Conversations of 100 and of 100,000 messages, of the same person."""
    rounds, long, up = (2, LONG // 10, UP // 2) if options.quick else (7, LONG, UP)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        hashed = PasswordHasher().hash(_PASSWORD)
        groups = [[0, 1], [0, 1]]
        made = await seed(data / DATABASE, 2, groups, texts=[SHORT, long], password=hashed)
        small, large = made.groups
        async with node(data, options) as server, web_page() as page:
            base = f"http://{server.host}:{server.port}"
            await page.sign_in(base, "person0", _PASSWORD)
            few = [await _open(page, base, small, SHORT + 1) for _ in range(rounds)]
            many = [await _open(page, base, large, long + 1) for _ in range(rounds)]
            scrolled = await _scroll(page, long + 1, up)
            date_ms, seq = await page.to_date(_half_way(long))
            if abs(seq - long / 2) > DAY_TEXTS:
                raise LostError(f"the date led to {seq}")
            date_asked = page.asked.get("hist", 0)
    date = [
        Figure("to a date half-way back: questions", date_asked, "", Goal("at most", GOAL_ASKED)),
        Figure("to a date half-way back: drawn after", date_ms, "ms"),
    ]
    return Result(
        "web_history",
        f"The web app in Chromium, conversations of {SHORT} and of {long:,} messages",
        [*_opening(few, many, long), *_scrolling(scrolled, up), *date],
        [],
    )


def _opening(few: list[Opened], many: list[Opened], long: int) -> list[Figure]:
    if any(one.asked != few[0].asked for one in [*few, *many]):
        raise LostError(f"opening asks differently: {few[0].asked}, {many[0].asked}")
    short_ms, long_ms = (median(o.took_ms for o in opened) for opened in (few, many))
    lines: list[Figure] = []
    for label, opened, took_ms in ((f"{SHORT:,}", few, short_ms), (f"{long:,}", many, long_ms)):
        lines += [
            Figure(f"{label}: opened", took_ms, "ms"),
            Figure(f"{label}: questions to the server", sum(opened[0].asked.values()), ""),
            Figure(f"{label}: received", median(o.bytes_in for o in opened) / 1024, "KiB"),
            Figure(f"{label}: elements in the page", median(o.elements for o in opened), ""),
            Figure(f"{label}: heap", median(o.heap_bytes for o in opened) / 1024, "KiB"),
        ]
    return [*lines, Figure("opened: times", long_ms / short_ms, "", Goal("at most", GOAL_TIMES))]


def _scrolling(scrolled: Scrolled, up: int) -> list[Figure]:
    first, *_, last = scrolled.heap_bytes
    growth = Goal("at most", GOAL_GROWTH_KIB)
    return [
        Figure(f"{up:,} up: most messages drawn", scrolled.drawn, "", Goal("at most", GOAL_DRAWN)),
        Figure("heap 1,000 up", first / 1024, "KiB"),
        Figure(f"heap {up:,} up", last / 1024, "KiB"),
        Figure(f"heap {up:,} up, over 1,000 up", (last - first) / 1024, "KiB", growth),
    ]


async def _open(page: WebPage, base: str, conv: str, head: int) -> Opened:
    await page.list(base)
    took_ms = await page.open(conv, head)
    return Opened(
        took_ms, dict(page.asked), page.bytes_in, await page.elements(), await page.heap_bytes()
    )


async def _scroll(page: WebPage, head: int, up: int) -> Scrolled:
    most = 0
    heap: list[float] = []
    last, stuck = head, 0
    while last > head - up:
        first, drawn = await page.up(STEP_PX)
        most = max(most, drawn)
        stuck = 0 if first < last else stuck + 1
        if stuck > 500:
            raise LostError(f"scrolling up ended at {first}")
        last = min(first, last)
        if (head - last) // 1000 > len(heap):
            heap.append(await page.heap_bytes())
    if len(heap) < up // 1000:
        heap.append(await page.heap_bytes())
    return Scrolled(most, heap)


def _half_way(texts: int) -> str:
    """A day half-way back, as a date field has it."""
    days = texts / 2 / DAY_TEXTS
    return (datetime.now(tz=UTC).astimezone() - timedelta(days=days)).date().isoformat()


__all__ = ["run"]
