"""Two people talk: over several devices each, once and in order, in any script."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.town import Town, codes, group, text_of
from tests.support.ws_client import Socket, whole_list, whole_log

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Han, Hangul, emoji with joiners, combining
#: marks, right-to-left marks, and characters beyond the first plane.
SCRIPTS = (
    "Straße Ελλάδα Привет مرحبا שלום नमस्ते 汉字仮名 한국어 "
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 "
    "e\u0301 \u200f\u202e\u202c 𝔘𝕟𝖎 \t\n\u00a0"
)


async def test_a_first_message_to_a_person_opens_the_one_conversation_of_the_two(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    sent = await ann_ws.post(ben.user, 1, "hello ben")
    assert sent["t"] == "ack" and not sent["dup"]
    got = await ben_ws.expect("msg", s=sent["s"])
    assert (text_of(got), got["from"], got["dev"], got["cid"], got["c"], got["ts"]) == (
        "hello ben",
        ann.user,
        ann.device,
        1,
        sent["c"],
        sent["ts"],
    )
    back = await ben_ws.post(ann.user, 1, "hello ann")
    assert (back["c"], back["s"]) == (sent["c"], sent["s"] + 1)
    by_id = await ben_ws.post(sent["c"], 2, "and again")
    assert by_id["s"] == sent["s"] + 2


async def test_both_writing_first_at_once_end_in_the_same_conversation(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    one, other = await asyncio.gather(
        ann_ws.post(ben.user, 1, "first"), ben_ws.post(ann.user, 1, "no, first")
    )
    assert one["c"] == other["c"]
    assert {one["s"], other["s"]} == {2, 3}
    assert await whole_log(ann_ws, one["c"]) == await whole_log(ben_ws, one["c"])


async def test_every_other_device_of_both_gets_a_message_and_the_sending_socket_only_its_ack(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_phone = await town.device(ann)
    ben_phone = await town.device(ben)
    sockets = await town.sockets(ann, ann_phone, ben, ben_phone)
    sender, *others = sockets
    first = await sender.post(ben.user, 1, "to all devices")
    for socket in others:
        assert text_of(await socket.expect("msg", s=first["s"])) == "to all devices"
    # The next message marks the end of anything that the first one could have caused.
    second = await others[0].post(ben.user, 1, "from the phone")
    await sender.expect("msg", s=second["s"])
    assert [f for f in sender.frames if f["t"] == "msg" and f["s"] == first["s"]] == []
    for socket in others[1:]:
        await socket.expect("msg", s=second["s"])
        assert [f for f in socket.frames if f["t"] == "msg" and f["s"] == first["s"]] == []


async def test_messages_sent_to_nobody_connected_are_there_at_the_next_sync(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    acks = [await ann_ws.post(ben.user, n, f"while you were out {n}") for n in range(1, 6)]
    c: str = acks[0]["c"]
    ben_ws = await town.socket(ben)
    (line,) = (await whole_list(ben_ws))["convs"]
    assert (line["c"], line["kind"], line["head"], line["u"]) == (c, "direct", 6, ann.user)
    assert line["n"] - line["nread"] == 5
    assert text_of(line["last"]) == "while you were out 5"
    log = await whole_log(ben_ws, c)
    assert [text_of(m) for m in log[1:]] == [f"while you were out {n}" for n in range(1, 6)]


async def test_a_repeated_send_gets_the_first_ack_and_is_stored_and_delivered_once(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    first = await ann_ws.post(ben.user, 1, "once")
    again = await ann_ws.post(ben.user, 1, "once")
    assert again["dup"] and (again["s"], again["ts"]) == (first["s"], first["ts"])
    second = await ann_ws.post(ben.user, 2, "twice")
    await ben_ws.expect("msg", s=second["s"])
    assert len([f for f in ben_ws.frames if f["t"] == "msg" and f["s"] == first["s"]]) == 1
    assert len(await whole_log(ann_ws, first["c"])) == 3


async def test_what_is_out_of_the_order_of_cids_is_told_where_to_go_on(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    ack = await ann_ws.post(ben.user, 3, "begins at three", prev=0)
    c = ack["c"]
    hole = await ann_ws.post(c, 5, "four is missing", prev=4)
    assert (hole["code"], hole["last"]) == ("resend", 3)
    old = await ann_ws.post(c, 2, "was never used", prev=0)
    assert (old["code"], old["last"]) == ("cid_old", 3)
    used = await ann_ws.post(c, 3, "names something else", prev=0)
    assert (used["code"], used["last"]) == ("cid_used", 3)
    assert (await ann_ws.post(c, 4, "goes on"))["s"] == ack["s"] + 1


async def test_a_batch_of_sends_is_committed_in_its_order(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = (await ann_ws.post(ben.user, 1, "opens"))["c"]
    await ann_ws.send(
        *(
            {"t": "send", "id": 100 + n, "c": c, "cid": n, "prev": n - 1, "b": text(f"line {n}")}
            for n in range(2, 18)
        )
    )
    acks = [await ann_ws.answer_to(100 + n) for n in range(2, 18)]
    assert [a["s"] for a in acks] == list(range(3, 19))
    for n in range(2, 18):
        assert text_of(await ben_ws.expect("msg", s=n + 1)) == f"line {n}"


@pytest.mark.parametrize("encoding", ["json", "msgpack"])
async def test_the_longest_text_of_any_script_comes_back_identical(
    town: Town, encoding: str
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann, encoding=encoding)
    ben_ws = await town.socket(ben, encoding=encoding)
    longest = (SCRIPTS * (100_000 // len(SCRIPTS) + 1))[:100_000]
    ack = await ann_ws.post(ben.user, 1, longest)
    assert ack["t"] == "ack", ack
    assert text_of(await ben_ws.expect("msg", s=ack["s"])) == longest
    (_, stored) = await whole_log(ben_ws, ack["c"])
    assert text_of(stored) == longest
    widest = "𝔘" * 100_000
    ack = await ann_ws.post(ben.user, 2, widest)
    assert text_of(await ben_ws.expect("msg", s=ack["s"])) == widest


async def test_one_character_too_many_is_refused_with_the_limit_and_the_connection_lives_on(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    refused = await ann_ws.post(ben.user, 1, "x" * 100_001)
    assert refused["code"] == "too_large"
    assert "100,000" in refused["msg"]
    assert ann_ws.welcome["limits"]["text_chars"] == 100_000
    assert (await ann_ws.post(ben.user, 1, "short"))["t"] == "ack"


async def test_a_long_text_comes_cut_where_a_device_asked_for_it_and_whole_on_demand(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    phone = await town.socket(ben, cut=4000)
    words = SCRIPTS * 200
    ack = await ann_ws.post(ben.user, 1, words)
    got = await phone.expect("msg", s=ack["s"])
    assert got["cut"] is True and got["len"] == len(words)
    assert words.startswith(text_of(got)) and len(text_of(got)) <= 4000
    page = await phone.ask("hist", c=ack["c"], at=ack["s"])
    assert [text_of(m) for m in page["msgs"]] == [words]


async def test_a_json_and_a_msgpack_client_talk(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann, encoding="json")
    ben_ws = await town.socket(ben, encoding="msgpack")
    ack = await ann_ws.post(ben.user, 1, SCRIPTS)
    assert text_of(await ben_ws.expect("msg", s=ack["s"])) == SCRIPTS
    back = await ben_ws.post(ann.user, 1, SCRIPTS[::-1])
    assert text_of(await ann_ws.expect("msg", s=back["s"])) == SCRIPTS[::-1]


async def test_a_reply_names_the_message_it_answers(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    ack = await ann_ws.post(ben.user, 1, "a question")
    reply = {"k": "text", "text": "an answer", "re_s": ack["s"]}
    back = await ben_ws.ask("send", c=ack["c"], cid=1, prev=0, b=reply)
    assert (await ann_ws.expect("msg", s=back["s"]))["b"] == reply


async def test_what_this_node_cannot_do_yet_is_said_so(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    ack = await ann_ws.post(ben.user, 1, "words")
    answers = [
        await ann_ws.ask("send", c=ack["c"], cid=2, prev=1, b={"k": "file", "name": "a"}),
        await ann_ws.ask("contact", u=ben.user, do="request"),
        await ann_ws.ask("no such thing"),
    ]
    assert codes(answers) == ["unsupported"] * 3
    assert (await ann_ws.post(ack["c"], 2, "goes on"))["t"] == "ack"


async def test_a_group_hears_every_member_on_every_device(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ben_phone = await town.device(ben)
    ann_ws, ben_ws, phone_ws, cleo_ws = await town.sockets(ann, ben, ben_phone, cleo)
    everybody = [ann_ws, ben_ws, phone_ws, cleo_ws]
    c = await group(ann_ws, ben, cleo, title="Friends")

    async def say(who: Socket, words: str) -> None:
        ack = await who.post(c, 1, words)
        for socket in everybody:
            if socket is not who:
                assert text_of(await socket.expect("msg", s=ack["s"], c=c)) == words

    for n, socket in enumerate(everybody):
        await say(socket, f"from {n}")
    logs = [await whole_log(socket, c) for socket in everybody]
    assert all(log == logs[0] for log in logs) and len(logs[0]) == 5


def text(words: str) -> dict[str, str]:
    """A body of words."""
    return {"k": "text", "text": words}
