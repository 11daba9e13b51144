"""An archive as a page to read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from hubbub.config.ids import ConvId, DeviceId, UserId
from hubbub.storage.records import Account, Contact, Device, Membership
from hubbub.transport.edge.http.archive import Chapter, Circle, Opening, Part, Passage
from hubbub.transport.edge.http.archive_html import as_html
from hubbub.transport.wire import bodies, out_frames

from .test_docs import Reader

ANN, BEN = UserId("u_" + "a" * 20), UserId("u_" + "b" * 20)
NASTY = "<script>alert('\"&</script><img src=x onerror=alert(1)>"
TS = 1_790_000_000_000


class PageReader(Reader):
    """Reads any page of ours; the attributes are looked at by the test."""

    def __init__(self, page: str) -> None:
        self.attributes: set[str] = set()
        super().__init__(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.update(name for name, _ in attrs)
        super().handle_starttag(tag, [])


def opening(text: str = "Ann") -> Opening:
    account = Account(ANN, text, text, TS, "SECRET hash", display=text, about=text)
    device = Device(DeviceId("v_1"), ANN, text, TS, TS, b"SECRET", b"SECRET")
    return Opening(TS, account, [device])


def chapter(title: str = "Tea", until: int | None = None) -> Chapter:
    row = Membership(ANN, ConvId("g_1"), "group", 1, 1, title, "owner", None, 1, until)
    return Chapter(row, title)


def passage(*said: bodies.OutBody, sender: str = BEN, name: str = "Ben") -> Passage:
    messages = [
        out_frames.Msg(c="g", s=s, from_=sender, dev="v", cid=s, ts=TS, b=body)
        for s, body in enumerate(said, 1)
    ]
    return Passage(messages, {BEN: name})


async def page(*parts: Part) -> PageReader:
    async def told(every: Sequence[Part]) -> AsyncIterator[Part]:
        for part in every:
            yield part

    text = b"".join([piece async for piece in as_html(told(parts))]).decode()
    assert "SECRET" not in text
    reader = PageReader(text)
    assert reader.open == []
    return reader


async def test_everything_is_escaped_and_nothing_can_run_or_load() -> None:
    read = await page(
        opening(NASTY),
        Circle([Contact(ANN, BEN, blocked=True)], {BEN: NASTY}),
        chapter(NASTY),
        passage(
            bodies.Text(text=NASTY),
            bodies.System(ev="renamed", title=NASTY, users=[BEN], role=NASTY),
            name=NASTY,
        ),
    )
    assert not read.tags & {"script", "img", "iframe", "link", "a"}
    known = {"lang", "charset", "name", "content", "http-equiv", "class", "dir"}
    assert read.attributes <= known
    assert read.words.count("alert('") >= 9


async def test_messages_are_told_in_words() -> None:
    read = await page(
        opening(),
        chapter("Tea", until=9),
        passage(
            bodies.Text(text="one\ntwo", re_s=4),
            bodies.Deleted(),
            bodies.System(ev="joined", users=[BEN, ANN]),
            bodies.System(ev="role", users=[BEN], role="admin"),
        ),
        passage(bodies.System(ev="created", title="Tea"), sender=""),
        chapter(""),
        passage(),
    )
    for words in (
        "one\ntwo",
        "(reply to no. 4)",
        "This message was deleted.",
        "joined (Ben, Deleted account)",
        "role: admin (Ben)",
        "created: Tea",
        "Left.",
        "2026-09-21",
    ):
        assert words in read.words, words
    assert read.words.count("Deleted account") == 2


async def test_entries_about_other_messages_are_left_to_those() -> None:
    about = (bodies.Edit(s=1, text="EDIT"), bodies.Delete(s=1), bodies.React(s=1, emoji="+1"))
    read = await page(opening(), chapter(), passage(*about))
    assert "article" not in read.tags
    assert "EDIT" not in read.words


async def test_people_and_privacy_are_told_in_words() -> None:
    people = [
        Contact(ANN, BEN, mine=True, theirs=True),
        Contact(ANN, BEN, mine=True, blocked=True),
        Contact(ANN, ANN, theirs=True),
        Contact(ANN, BEN, blocked=True),
    ]
    read = await page(opening(), Circle(people, {BEN: "Ben", ANN: ""}))
    for words in (
        "Ben: contact\n",
        "Ben: asked by me, blocked",
        "Deleted account: asks me",
        "Ben: blocked",
        "fellows",
        "everyone",
    ):
        assert words in read.words, words


async def test_a_muted_conversation_and_a_request_say_so() -> None:
    def muted(until: int) -> Chapter:
        return Chapter(replace(chapter().row, mute=until, request=True), "Tea")

    read = await page(opening(), muted(TS), muted(2**53 - 1))
    assert read.words.count("A stranger's request.") == 2
    for words in ("Muted until 2026-09-21", "Muted until 9999-12-31"):
        assert words in read.words, words
    assert "Muted" not in (await page(opening(), chapter())).words


async def test_no_conversations_are_said_to_be_none() -> None:
    read = await page(opening())
    assert "no conversations" in read.words
    assert "section" not in read.tags
