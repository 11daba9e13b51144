"""Answers as the wire's structs."""

from __future__ import annotations

import json

from hubbub.actors.answers import Acked, Described, MemberLine
from hubbub.config.ids import ConvId, UserId
from hubbub.storage.records import BriefHead, Gone, HeadsPage
from hubbub.transport.edge.http import views

GROUP = ConvId("g_" + "a" * 26)


def test_a_repeat_is_no_creation() -> None:
    assert views.ack(Acked(GROUP, 1, 2, 3, False)).status_code == 201
    again = views.ack(Acked(GROUP, 1, 2, 3, True))
    assert again.status_code == 200
    assert json.loads(bytes(again.body)) == {"c": GROUP, "cid": 1, "s": 2, "ts": 3, "dup": True}


def test_text_goes_out_unescaped() -> None:
    described = Described(
        GROUP, "group", "李雷 🙂", [MemberLine(UserId("u"), "Ελένη", "owner", 1, 1)]
    )
    answer = views.answer(views.sheet(described))
    assert "李雷 🙂".encode() in bytes(answer.body)
    assert "Ελένη".encode() in bytes(answer.body)


def test_a_list_shows_its_next_page_only_when_there_is_one() -> None:
    page = HeadsPage([BriefHead(GROUP, 3, 2)], [Gone(GROUP, 9)], None)
    last = json.loads(bytes(views.answer(views.heads(page, 5, None)).body))
    assert last == {"lv": 5, "convs": [[GROUP, 3, 2]], "gone": [{"c": GROUP, "until": 9}]}
    more = json.loads(bytes(views.answer(views.heads(page, 5, "5.x")).body))
    assert more["after"] == "5.x"
