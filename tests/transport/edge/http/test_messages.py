"""Messages by HTTP: sent like on the socket, read in pages that are revalidated."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.http_node import HttpNode, SignedInPerson

from hubbub.actors.answers import Acked
from hubbub.actors.bodies import Body, System, Text, encode_body
from hubbub.actors.commands import Grant, GrantReading, MoveCursor, Post, ReplyTo
from hubbub.actors.waiting import append
from hubbub.config.errors import (
    CidUsedError,
    NotFoundError,
    ResendError,
    StoreRetryableError,
    TooLargeError,
)
from hubbub.config.ids import ConvId, direct_id, shard_of
from hubbub.storage.records import Entry

GROUP = ConvId("g_" + "a" * 26)
MESSAGES = f"/v1/conversations/{GROUP}/messages"
HELLO = {"cid": 3, "prev": 2, "b": {"k": "text", "text": "hello"}}


@pytest.fixture
async def ada(node: HttpNode) -> SignedInPerson:
    return await node.person("Ada")


def acked(node: HttpNode, conv: ConvId, *, dup: bool = False) -> None:
    node.asker.answers[f"conv:{conv}"] = Acked(conv, 3, 9, 1000, dup)


async def written(node: HttpNode, *texts: str) -> None:
    """A log of a system entry and these texts, all of which may be read."""
    epoch = await node.store.claim(shard_of(GROUP))
    bodies: list[Body] = [System("created", (), title="Club"), *map(Text, texts)]
    entries = [
        Entry(
            n + 1, epoch, "v_x" if n else "", n, "u_x", 1000 + n,
            "text" if n else "system", encode_body(body), n,
        )
        for n, body in enumerate(bodies)
    ]  # fmt: skip
    await append(node.store, GROUP, epoch, entries)
    grant(node, (1, len(entries)))


def grant(node: HttpNode, *spans: tuple[int, int]) -> None:
    node.asker.answers[f"conv:{GROUP}"] = Grant(GROUP, spans)


# --- sending ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dup", [False, True])
async def test_a_text_takes_the_same_way_as_on_the_socket(
    node: HttpNode, ada: SignedInPerson, dup: bool
) -> None:
    acked(node, GROUP, dup=dup)
    body = {**HELLO, "b": {"k": "text", "text": "hello", "re_s": 4}}
    answer = await ada.http.post(MESSAGES, json=body)
    assert answer.status_code == (200 if dup else 201)
    assert answer.json() == {"c": GROUP, "cid": 3, "s": 9, "ts": 1000, "dup": dup}
    ((target, command),) = node.asker.asked
    assert target == f"conv:{GROUP}"
    assert isinstance(command, Post)
    assert (command.user, command.device) == (ada.user, ada.device)
    assert (command.cid, command.prev, command.session, command.to) == (3, 2, "", None)
    assert command.body == Text("hello", 4)


async def test_a_users_id_opens_the_direct_conversation(
    node: HttpNode, ada: SignedInPerson
) -> None:
    bob = await node.person("Bob")
    conv = direct_id(ada.user, bob.user)
    acked(node, conv)
    answer = await ada.http.post(f"/v1/conversations/{bob.user}/messages", json=HELLO)
    assert (answer.status_code, answer.json()["c"]) == (201, conv)
    ((target, command),) = node.asker.asked
    assert (target, command.to) == (f"conv:{conv}", bob.user)


async def test_nobody_writes_to_oneself_or_to_nobody(node: HttpNode, ada: SignedInPerson) -> None:
    to_self = await ada.http.post(f"/v1/conversations/{ada.user}/messages", json=HELLO)
    assert (to_self.status_code, to_self.json()["code"]) == (400, "bad_request")
    nobody = await ada.http.post(f"/v1/conversations/u_{'z' * 20}/messages", json=HELLO)
    assert nobody.status_code == 404
    assert (await ada.http.post("/v1/conversations/x/messages", json=HELLO)).status_code == 404
    assert node.asker.asked == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_request"),
        (b"{", "bad_request"),
        (b"[]", "bad_request"),
        (b"null", "bad_request"),
        (b"[" * 200_000, "bad_request"),
        (b'{"b":' * 100_000, "bad_request"),
        (b"\xff", "bad_request"),
        (b'{"cid":3,"prev":2}', "bad_request"),
        (b'{"cid":0,"prev":2,"b":{"k":"text","text":"hello"}}', "bad_request"),
        (b'{"cid":3.5,"prev":2,"b":{"k":"text","text":"hello"}}', "bad_request"),
        (b'{"cid":9007199254740992,"prev":2,"b":{"k":"text","text":"hello"}}', "bad_request"),
        (b'{"cid":3,"prev":2,"b":{"k":"text","text":5}}', "bad_request"),
        (b'{"cid":3,"prev":2,"b":{"k":"text","text":"hello\\ud800"}}', "bad_request"),
        (b'{"cid":3,"prev":2,"b":{"k":"text","text":"hello\xff"}}', "bad_request"),
        (b'{"cid":3,"prev":2,"b":{"text":"hello"}}', "bad_request"),
        (b'{"cid":3,"prev":2,"b":{"k":"poem","text":"hello"}}', "unsupported"),
        (b'{"cid":3,"prev":2,"b":{"k":"edit","s":0,"text":"hello"}}', "bad_request"),
        (b'{"cid":3,"prev":2,"b":{"k":"edit","s":1}}', "bad_request"),
        (b'{"cid":3,"prev":2,"b":{"k":"react","s":1,"emoji":5}}', "bad_request"),
        (b'{"cid":3,"prev":2,"b":{"k":"system","ev":"joined"}}', "unsupported"),
    ],
)
async def test_what_is_no_message_is_refused_with_the_sockets_codes_and_not_quoted(
    node: HttpNode, ada: SignedInPerson, body: bytes, code: str
) -> None:
    answer = await ada.http.post(MESSAGES, content=body)
    assert answer.json()["code"] == code
    assert answer.status_code == {"bad_request": 400, "unsupported": 422}[code]
    assert "hello" not in answer.text
    assert node.asker.asked == []


async def test_the_path_says_where_to_whatever_the_body_says(
    node: HttpNode, ada: SignedInPerson
) -> None:
    acked(node, GROUP)
    more = {"c": "g_else", "to": "u_else", "t": "hello", "id": -5, "session": "x"}
    answer = await ada.http.post(MESSAGES, json={**more, **HELLO})
    assert answer.status_code == 201
    ((target, command),) = node.asker.asked
    assert target == f"conv:{GROUP}"
    assert (command.to, command.session) == (None, "")


@pytest.mark.parametrize(
    ("refusal", "status", "last"),
    [(ResendError(4), 409, 4), (CidUsedError(5), 409, 5), (TooLargeError("It", 2, 1), 413, None)],
)
async def test_what_the_conversation_refuses_comes_with_its_last_cid(
    node: HttpNode, ada: SignedInPerson, refusal: Any, status: int, last: int | None
) -> None:
    node.asker.answers[f"conv:{GROUP}"] = refusal
    answer = await ada.http.post(MESSAGES, json=HELLO)
    assert answer.status_code == status
    assert answer.json().get("last") == last
    assert answer.json()["code"] == refusal.code


async def test_the_longest_text_goes_through_even_escaped(
    node: HttpNode, ada: SignedInPerson
) -> None:
    acked(node, GROUP)
    escaped = b"\\ud83d\\ude42" * 100_000
    body = b'{"cid":1,"prev":0,"b":{"k":"text","text":"' + escaped + b'"}}'
    assert (await ada.http.post(MESSAGES, content=body)).status_code == 201
    assert node.asker.asked[0][1].body.text == "🙂" * 100_000


# --- reading ------------------------------------------------------------------------------------


async def test_a_page_says_the_range_it_covers(node: HttpNode, ada: SignedInPerson) -> None:
    await written(node, "one", "two", "three")
    newest = (await ada.http.get(MESSAGES)).json()
    assert (newest["from"], newest["to"], newest["head"], newest["more"]) == (1, 4, 4, False)
    assert [m["b"].get("text") for m in newest["msgs"]] == [None, "one", "two", "three"]
    assert newest["msgs"][1] == {
        "t": "msg", "c": GROUP, "s": 2, "from": "u_x", "dev": "v_x", "cid": 1, "ts": 1001,
        "b": {"k": "text", "text": "one"},
    }  # fmt: skip
    after = (await ada.http.get(MESSAGES, params={"after": 1, "limit": 2})).json()
    assert (after["from"], after["to"], after["more"]) == (2, 3, True)
    before = (await ada.http.get(MESSAGES, params={"before": 3})).json()
    assert (before["from"], before["to"], before["more"]) == (1, 2, False)
    assert node.asker.asked[0] == (
        f"conv:{GROUP}",
        GrantReading(ReplyTo("ask:test", 0), ada.user),
    )


async def test_nothing_outside_of_the_grant_is_shown(node: HttpNode, ada: SignedInPerson) -> None:
    await written(node, "one", "two", "three")
    grant(node, (2, 3))
    page = (await ada.http.get(MESSAGES, params={"after": 0})).json()
    assert [m["s"] for m in page["msgs"]] == [2, 3]
    assert page["head"] == 3
    assert (await ada.http.get(f"{MESSAGES}/4")).status_code == 404
    assert (await ada.http.get(f"{MESSAGES}/1")).status_code == 404
    node.asker.answers[f"conv:{GROUP}"] = NotFoundError("There is no such conversation.")
    assert (await ada.http.get(MESSAGES)).status_code == 404


async def test_one_message_comes_whole(node: HttpNode, ada: SignedInPerson) -> None:
    long = "🙂" * 100_000
    await written(node, "one", long)
    answer = await ada.http.get(f"{MESSAGES}/3")
    assert answer.json()["b"]["text"] == long
    assert "cut" not in answer.json()


async def test_a_page_is_revalidated(node: HttpNode, ada: SignedInPerson) -> None:
    await written(node, "one", "two")
    answer = await ada.http.get(MESSAGES)
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Authorization"
    tag = answer.headers["etag"]
    for known in (tag, f'"x", {tag} , W/"y"'):
        again = await ada.http.get(MESSAGES, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    other = await ada.http.get(MESSAGES, headers={"If-None-Match": '"x"'})
    assert other.status_code == 200
    one = await ada.http.get(f"{MESSAGES}/2", headers={"If-None-Match": tag})
    assert one.status_code == 200
    head = await ada.http.head(MESSAGES)
    assert (head.headers["etag"], head.content) == (tag, b"")


async def test_a_new_entry_and_another_range_have_other_tags(
    node: HttpNode, ada: SignedInPerson
) -> None:
    await written(node, "one", "two", "three")
    tags = {
        (await ada.http.get(MESSAGES, params=params)).headers["etag"]
        for params in ({}, {"limit": 1}, {"after": 1}, {"before": 3})
    }
    assert len(tags) == 4
    before = (await ada.http.get(MESSAGES, params={"before": 3})).headers["etag"]
    grant(node, (1, 3))
    assert (await ada.http.get(MESSAGES, params={"before": 3})).headers["etag"] != before


async def test_a_large_page_is_zipped_for_those_who_take_it(
    node: HttpNode, ada: SignedInPerson
) -> None:
    await written(node, "lorem ipsum " * 500)
    zipped = await ada.http.get(MESSAGES, headers={"Accept-Encoding": "gzip"})
    plain = await ada.http.get(MESSAGES, headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.json() == plain.json()
    assert int(zipped.headers["content-length"]) < len(plain.content) / 5
    assert set(zipped.headers["vary"].split(", ")) == {"Authorization", "Accept-Encoding"}


async def test_an_entry_that_is_for_no_client_is_not_there(
    node: HttpNode, ada: SignedInPerson
) -> None:
    epoch = await node.store.claim(shard_of(GROUP))
    hidden = Entry(1, epoch, "", 0, "u_x", 1000, "block", b"secret", 0)
    await append(node.store, GROUP, epoch, [hidden])
    grant(node, (1, 1))
    page = (await ada.http.get(MESSAGES)).json()
    assert (page["msgs"], page["from"], page["to"]) == ([], 1, 1)
    assert (await ada.http.get(f"{MESSAGES}/1")).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        f"{MESSAGES}?after=1&before=3",
        f"{MESSAGES}?after=-1",
        f"{MESSAGES}?limit=0",
        f"{MESSAGES}?after=x",
        f"{MESSAGES}?before=99999999999999999999",
        f"{MESSAGES}/0",
        f"{MESSAGES}/x",
        f"{MESSAGES}/99999999999999999999",
    ],
)
async def test_a_page_that_makes_no_sense_is_refused(ada: SignedInPerson, url: str) -> None:
    answer = await ada.http.get(url)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_an_empty_conversation_is_an_empty_page(node: HttpNode, ada: SignedInPerson) -> None:
    grant(node)
    page = (await ada.http.get(MESSAGES)).json()
    assert (page["msgs"], page["head"], page["more"]) == ([], 0, False)


async def test_a_store_that_cannot_is_unavailable(
    node: HttpNode, ada: SignedInPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(node, (1, 3))

    async def broken(*args: Any, **options: Any) -> None:
        raise StoreRetryableError("disk")

    monkeypatch.setattr(node.store, "page", broken)
    assert (await ada.http.get(MESSAGES)).status_code == 503


# --- cursors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["read", "recv"])
async def test_a_cursor_is_told_to_the_conversation(
    node: HttpNode, ada: SignedInPerson, what: Any
) -> None:
    answer = await ada.http.post(f"/v1/conversations/{GROUP}/{what}", json={"s": 7})
    assert (answer.status_code, answer.content) == (204, b"")
    assert node.cluster.told == [(f"conv:{GROUP}", MoveCursor(ada.user, what, 7))]


@pytest.mark.parametrize("body", [{}, {"s": -1}, {"s": "7"}, {"s": 1 << 53}, {"s": 7, "x": 1}])
async def test_a_cursor_is_an_exact_number(
    node: HttpNode, ada: SignedInPerson, body: dict[str, Any]
) -> None:
    answer = await ada.http.post(f"/v1/conversations/{GROUP}/read", json=body)
    assert answer.status_code == 400
    assert node.cluster.told == []


async def test_a_cursor_that_could_not_be_told_is_unavailable(
    node: HttpNode, ada: SignedInPerson
) -> None:
    node.cluster.deaf = True
    answer = await ada.http.post(f"/v1/conversations/{GROUP}/read", json={"s": 7})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    nowhere = await ada.http.post("/v1/conversations/x/read", json={"s": 7})
    assert nowhere.status_code == 404
