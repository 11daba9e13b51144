"""Whatever can be wrong after a fault is named: each test plants one mistake in clean records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.testkit.simulation.copy import Line

from .record import Record, Seen, Sent
from .verdict import Verdict, judge

C = "g_one"
USERS = ("u_ann", "u_ben")
Logged = list[tuple[int, Seen]]


def entry(s: int, device: str, cid: int, text: str) -> tuple[int, Seen]:
    return s, Seen(Line(f"u_{device[2:]}", device, cid, 1000 + s), text)


def log() -> Logged:
    """Founded by ann, who then says two things, and ben one between them."""
    return [
        (1, Seen(Line("u_ann", "", 0, 1001), None)),
        entry(2, "v_ann", 1, "ann 1"),
        entry(3, "v_ben", 1, "ben 1"),
        entry(4, "v_ann", 2, "ann 2"),
    ]


def sent(text: str, cid: int, seq: int) -> Sent:
    return Sent(C, text, cid, tries=1, fate="acked", seq=seq, ts=1000 + seq)


def ann() -> Record:
    mine = (sent("ann 1", 1, 2), sent("ann 2", 2, 4))
    return Record("ann", "u_ann", "v_ann", True, 1, mine, {C: dict(log())}, story=("came",))


def ben() -> Record:
    return Record("ben", "u_ben", "v_ben", True, 1, (sent("ben 1", 1, 3),), {C: dict(log())})


def judged(*records: Record, shown: Logged | None = None) -> Verdict:
    shown = log() if shown is None else shown
    return judge(records, {C: shown}, {C: USERS})


def rules(verdict: Verdict) -> set[str]:
    return {violation.rule for violation in verdict.violations}


def seen_as(record: Record, shown: Logged) -> Record:
    """A device that saw what is on record, right or wrong."""
    return replace(record, seen={C: dict(shown)})


def test_clean_records_have_a_clean_verdict() -> None:
    verdict = judged(ann(), ben())
    assert verdict.clean
    assert (verdict.devices, verdict.conversations) == (2, 1)
    assert (verdict.handed_in, verdict.acked, verdict.again) == (3, 3, 0)


def test_a_lost_message_is_named_with_its_sender() -> None:
    shown = log()[:3]
    verdict = judged(seen_as(ann(), shown), seen_as(ben(), shown), shown=shown)
    assert rules(verdict) == {"lost"}
    (lost,) = verdict.violations
    assert lost.names == (C, "ann", "v_ann")
    assert "acknowledged as 4, where nothing stands" in lost.says
    assert verdict.count("lost") == 1


def test_an_acknowledged_seq_that_holds_another_content_is_lost() -> None:
    shown = [*log()[:3], entry(4, "v_ann", 2, "something else")]
    verdict = judged(seen_as(ann(), shown), seen_as(ben(), shown), shown=shown)
    assert rules(verdict) == {"lost", "from nowhere"}


@pytest.mark.parametrize("cid", [1, 3])
def test_a_doubled_message_is_named_whatever_number_it_has(cid: int) -> None:
    shown = [*log(), entry(5, "v_ann", cid, "ann 1")]
    verdict = judged(seen_as(ann(), shown), seen_as(ben(), shown), shown=shown)
    assert "doubled" in rules(verdict)
    assert verdict.count("doubled") >= 1


def test_messages_of_a_device_in_another_order_are_named() -> None:
    shown = [
        log()[0],
        (2, Seen(Line("u_ann", "v_ann", 2, 1002), "ann 2")),
        log()[2],
        (4, Seen(Line("u_ann", "v_ann", 1, 1004), "ann 1")),
    ]
    turned = replace(ann(), sent=(sent("ann 1", 1, 4), sent("ann 2", 2, 2)))
    verdict = judged(seen_as(turned, shown), seen_as(ben(), shown), shown=shown)
    assert rules(verdict) == {"reordered"}
    assert any("cid=1 stands behind 2, at 4" in v.says for v in verdict.violations)


def test_a_time_that_goes_back_is_another_order() -> None:
    shown = [*log()[:3], (4, Seen(Line("u_ann", "v_ann", 2, 900), "ann 2"))]
    promised = replace(ann(), sent=(ann().sent[0], replace(ann().sent[1], ts=900)))
    verdict = judged(seen_as(promised, shown), seen_as(ben(), shown), shown=shown)
    assert rules(verdict) == {"reordered"}


def test_a_hole_is_named_once() -> None:
    shown = [*log()[:2], *log()[3:]]
    quiet = replace(ben(), sent=())
    verdict = judged(seen_as(ann(), shown), seen_as(quiet, shown), shown=shown)
    assert rules(verdict) == {"hole"}
    assert verdict.count("hole") == 1


def test_what_nobody_sent_is_named() -> None:
    quiet = replace(ben(), sent=())
    assert rules(judged(ann(), quiet)) == {"from nowhere"}


def test_what_a_member_has_not_got_is_named() -> None:
    verdict = judged(ann(), seen_as(ben(), log()[:3]))
    assert rules(verdict) == {"missing"}
    assert "ben lacks g_one [4] of 4" in verdict.violations[0].says


def test_a_member_who_never_heard_of_a_conversation_lacks_all_of_it() -> None:
    assert rules(judged(ann(), replace(ben(), seen={}))) == {"missing"}


def test_who_is_no_member_lacks_nothing() -> None:
    eve = Record("eve", "u_eve", "v_eve", True, 1, (), {})
    assert judged(ann(), ben(), eve).clean


def test_two_orders_of_one_conversation_are_named() -> None:
    other = [*log()[:2], entry(3, "v_ann", 2, "ann 2"), entry(4, "v_ben", 1, "ben 1")]
    verdict = judged(ann(), seen_as(ben(), other))
    assert rules(verdict) == {"changed"}


def test_what_was_seen_and_is_not_on_record_is_named() -> None:
    more = [*log(), entry(5, "v_ben", 2, "never committed")]
    assert rules(judged(ann(), seen_as(ben(), more))) == {"changed"}


def test_a_device_that_is_not_back_is_named() -> None:
    verdict = judged(ann(), replace(ben(), back=False))
    assert rules(verdict) == {"away"}
    assert verdict.violations[0].names == ("ben", "v_ben")


def test_a_text_without_an_answer_and_one_that_was_refused_are_named() -> None:
    waits = Sent(C, "ben 2", 2, tries=4, fate="open")
    denied = Sent(C, "ben 3", 3, tries=1, fate="refused", code="forbidden")
    verdict = judged(ann(), replace(ben(), sent=(*ben().sent, waits, denied)))
    assert rules(verdict) == {"unanswered", "refused"}
    assert (verdict.handed_in, verdict.acked, verdict.again) == (5, 3, 1)


def test_what_a_device_complains_of_is_named() -> None:
    verdict = judged(ann(), replace(ben(), complaints=("pushed twice",)))
    assert rules(verdict) == {"server"}
