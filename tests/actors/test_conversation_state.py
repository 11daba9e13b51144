"""A conversation by its playbook: event in, effects out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.actors import snapshot_codec
from hubbub.actors.answers import Acked
from hubbub.actors.bodies import Text
from hubbub.actors.commands import (
    ChangeGroup,
    Description,
    EffectDone,
    FoundGroup,
    MoveCursor,
    Post,
    ReplyTo,
)
from hubbub.actors.conversation_effects import (
    Answer,
    Append,
    Effect,
    Ended,
    FanOut,
    Finish,
    Reload,
    TellHead,
    TellUser,
)
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.members import Members
from hubbub.actors.requests import Change, Invite, Kick, Leave, Rename
from hubbub.config.errors import (
    BadRequestError,
    CidOldError,
    CidUsedError,
    ConversationFullError,
    ForbiddenError,
    InternalError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    ResendError,
    SeqMismatchError,
    StoreRetryableError,
    TooLargeError,
    UnavailableError,
)
from hubbub.config.ids import ConvId, DeviceId, UserId, direct_id, group_id
from hubbub.config.limits import Limits
from hubbub.storage.records import Activation, Cursors, Entry, Snapshot

ANA, BO, CY = (UserId(f"u_{name}") for name in ("ana", "bo", "cy"))
PHONE, LAPTOP = DeviceId("v_phone"), DeviceId("v_laptop")
GROUP = group_id(PHONE, 1)
ME = ReplyTo("session:n:i/1", 1)


def fresh(conv: ConvId = GROUP, limits: Limits | None = None) -> ConversationState:
    limits = limits or Limits()
    return ConversationState(conv, 1, limits, Members(limits.members))


def post(
    cid: int,
    text: str = "Hello",
    *,
    prev: int | None = None,
    user: UserId = ANA,
    device: DeviceId = PHONE,
    to: UserId | None = None,
    reply: ReplyTo = ME,
    re_s: int | None = None,
) -> Post:
    before = cid - 1 if prev is None else prev
    return Post(reply, user, device, "session:n:i/1", cid, before, Text(text, re_s), to)


def change(what: Change, cid: int, user: UserId = ANA, device: DeviceId = PHONE) -> ChangeGroup:
    return ChangeGroup(ME, user, device, "session:n:i/1", cid, cid - 1, what)


def team(*users: UserId, limits: Limits | None = None) -> ConversationState:
    """A group that stands, its effects done."""
    state = fresh(limits=limits)
    found = FoundGroup(ReplyTo("user:u_ana", 1), users[0], "Team", users[1:], "joined")
    state.found(found, 1000)
    state.commit()
    for user in users:
        state.effect_done(EffectDone(user, 1))
    return state


def entries(effects: list[Effect]) -> list[Entry]:
    return [e for effect in effects if isinstance(effect, Append) for e in effect.entries]


def answers(effects: list[Effect]) -> list[object]:
    return [effect.result for effect in effects if isinstance(effect, Answer)]


def test_a_text_is_appended_and_nobody_hears_of_it_before_its_commit() -> None:
    state = team(ANA, BO)
    effects = state.post(post(1), 2000)
    assert [type(e) for e in effects] == [Append]
    (entry,) = entries(effects)
    assert (entry.seq, entry.cid, entry.ts, entry.count) == (2, 1, 2000, 1)


def test_after_the_commit_the_sender_has_the_ack_and_the_members_the_message() -> None:
    state = team(ANA, BO)
    state.post(post(1), 2000)
    ack, fan_out = state.commit()
    assert ack == Answer(ME, Acked(GROUP, 1, 2, 2000, False))
    assert isinstance(fan_out, FanOut)
    assert fan_out.users == ("user:u_ana", "user:u_bo")
    (delivery,) = fan_out.deliveries.items
    assert delivery.origin == "session:n:i/1"


def test_lists_are_changed_before_anybody_is_pushed_the_entry_or_answered() -> None:
    state = fresh()
    state.found(FoundGroup(ME, ANA, "Team", (BO,), "joined"), 1000)
    kinds = [type(effect) for effect in state.commit()]
    assert kinds == [TellUser, TellUser, Answer, FanOut]


def test_what_arrives_while_a_commit_runs_goes_into_the_next_one() -> None:
    state = team(ANA, BO)
    assert len(entries(state.post(post(1), 2000))) == 1
    assert state.post(post(2), 2001) == []
    assert state.post(post(1, device=LAPTOP), 2002) == []
    assert [e.seq for e in entries(state.commit())] == [3, 4]


def test_what_is_committed_together_is_told_together_up_to_a_change_of_members() -> None:
    state = team(ANA, BO)
    state.post(post(1), 2000)
    for cid in (2, 3):
        state.post(post(cid), 2001)
    state.change(change(Invite((CY,)), 4), 2002)
    for cid in (5, 6):
        state.post(post(cid), 2003)
    state.commit()
    told = [
        ([d.entry.seq for d in e.deliveries.items], len(e.users))
        for e in state.commit()
        if isinstance(e, FanOut)
    ]
    assert told == [([3, 4], 2), ([5, 6, 7], 3)]


def test_time_never_falls_along_a_log() -> None:
    state = team(ANA, BO)
    state.post(post(1), 5000)
    state.commit()
    (entry,) = entries(state.post(post(2), 3000))
    assert entry.ts == 5000


def test_a_retry_after_the_commit_gets_the_first_ack_and_the_first_such_tells_the_head() -> None:
    state = team(ANA, BO)
    state.post(post(1), 2000)
    state.commit()
    first_ack = Answer(ME, Acked(GROUP, 1, 2, 2000, True))
    assert state.post(post(1), 9000) == [first_ack, TellHead()]
    assert state.post(post(1), 9000) == [first_ack]


def test_a_retry_while_the_commit_runs_joins_its_outcome() -> None:
    state = team(ANA, BO)
    state.post(post(1), 2000)
    other = ReplyTo("session:n:i/2", 5)
    assert state.post(post(1, reply=other), 2001) == []
    assert [e.to for e in state.commit() if isinstance(e, Answer)] == [ME, other]


def test_one_who_left_still_gets_the_ack_of_what_was_committed() -> None:
    state = team(ANA, BO)
    state.post(post(1, user=BO, device=LAPTOP), 2000)
    state.commit()
    state.change(change(Kick((BO,)), 1), 2001)
    state.commit()
    (ack,) = answers(state.post(post(1, user=BO, device=LAPTOP), 2002))
    assert isinstance(ack, Acked)
    assert ack.dup


def test_order_by_cid_is_held() -> None:
    state = team(ANA, BO)
    state.post(post(5, prev=0), 2000)
    with pytest.raises(ResendError) as refused:
        state.post(post(7, prev=6), 2000)
    assert refused.value.last == 5
    with pytest.raises(CidOldError):
        state.post(post(4, prev=3), 2000)
    with pytest.raises(CidUsedError):
        state.post(post(5, "Other", prev=0), 2000)


def test_a_refused_send_uses_up_nothing() -> None:
    state = team(ANA, BO)
    with pytest.raises(TooLargeError) as refused:
        state.post(post(1, "x" * 100_001), 2000)
    assert (refused.value.size, refused.value.limit) == (100_001, 100_000)
    assert entries(state.post(post(1, "x" * 100_000), 2000))[0].seq == 2


def test_a_text_over_its_bytes_is_refused_by_its_bytes() -> None:
    state = team(ANA, BO, limits=Limits(text_chars=10, text_bytes=20))
    with pytest.raises(TooLargeError) as refused:
        state.post(post(1, "\N{GRINNING FACE}" * 6), 2000)
    assert (refused.value.size, refused.value.limit) == (24, 20)


@pytest.mark.parametrize("text", [post(1, ""), post(1, re_s=9)])
def test_an_empty_text_and_a_reply_to_nothing_are_bad_requests(text: Post) -> None:
    with pytest.raises(BadRequestError):
        team(ANA, BO).post(text, 2000)


def test_at_most_sixteen_of_a_device_wait_for_their_commit() -> None:
    state = team(ANA, BO)
    for cid in range(1, 17):
        state.post(post(cid), 2000)
    with pytest.raises(RateLimitedError):
        state.post(post(17), 2000)
    state.post(post(1, device=LAPTOP), 2000)


def test_a_stranger_finds_nothing_and_an_ex_member_is_forbidden() -> None:
    state = team(ANA, BO)
    with pytest.raises(NotFoundError):
        state.post(post(1, user=CY), 2000)
    state.change(change(Kick((BO,)), 1), 2000)
    with pytest.raises(ForbiddenError):
        state.post(post(1, user=BO, device=LAPTOP), 2001)


def test_the_first_text_to_a_person_founds_the_direct_conversation() -> None:
    conv = direct_id(ANA, BO)
    state = fresh(conv)
    effects = state.post(post(1, to=BO), 2000)
    assert [(e.seq, e.kind) for e in entries(effects)] == [(1, "system"), (2, "text")]
    done = state.commit()
    assert answers(done) == [Acked(conv, 1, 2, 2000, False)]
    lines = {e.user: e.change for e in done if isinstance(e, TellUser)}
    assert lines[ANA].peer == BO
    assert lines[BO].peer == ANA
    assert {m.role for m in state.members.by_user.values()} == {"member"}


def test_a_direct_conversation_of_others_cannot_be_founded() -> None:
    with pytest.raises(NotFoundError):
        fresh(direct_id(BO, CY)).post(post(1, to=BO), 2000)


def test_a_direct_conversation_does_not_change() -> None:
    state = fresh(direct_id(ANA, BO))
    state.post(post(1, to=BO), 2000)
    with pytest.raises(BadRequestError):
        state.change(change(Invite((CY,)), 2), 2000)


def test_a_group_is_founded_once() -> None:
    state = fresh()
    asker = ReplyTo("user:u_ana", 1)
    found = FoundGroup(asker, ANA, "Team", (BO,), "joined")
    assert len(entries(state.found(found, 1000))) == 1
    again = FoundGroup(ReplyTo("user:u_ana", 2), ANA, "Team", (BO,), "joined")
    assert state.found(again, 1001) == []
    described = [a for a in answers(state.commit()) if isinstance(a, Description)]
    assert len(described) == 2
    assert answers(state.found(found, 1002)) == [described[0]]


@pytest.mark.parametrize(
    ("title", "members", "error"),
    [
        ("", (BO,), BadRequestError),
        ("  ", (BO,), BadRequestError),
        ("a\nb", (BO,), BadRequestError),
        ("x" * 101, (BO,), TooLargeError),
        ("Team", (BO, BO), BadRequestError),
        ("Team", tuple(UserId(f"u_{n}") for n in range(100)), ConversationFullError),
    ],
)
def test_a_group_that_is_not_right_is_not_founded(
    title: str, members: tuple[UserId, ...], error: type[Exception]
) -> None:
    state = fresh()
    with pytest.raises(error):
        state.found(FoundGroup(ME, ANA, title, members, "joined"), 1000)
    assert state.head == 0


def test_a_change_is_judged_by_what_is_accepted_before_it() -> None:
    state = team(ANA, BO)
    state.change(change(Kick((BO,)), 1), 2000)
    with pytest.raises(ForbiddenError):
        state.post(post(1, user=BO, device=LAPTOP), 2001)


def test_who_is_removed_hears_of_it_and_of_nothing_after() -> None:
    state = team(ANA, BO)
    state.change(change(Kick((BO,)), 1), 2000)
    state.post(post(2), 2001)
    removed, after = state.commit(), state.commit()
    assert [e.users for e in removed if isinstance(e, FanOut)] == [("user:u_ana", "user:u_bo")]
    assert Ended((BO,)) in removed
    assert [e.users for e in after if isinstance(e, FanOut)] == [("user:u_ana",)]


def test_a_change_asked_for_again_is_the_same_change() -> None:
    state = team(ANA, BO)
    state.change(change(Rename("New"), 1), 2000)
    state.commit()
    (ack,) = answers(state.change(change(Rename("New"), 1), 3000))
    assert isinstance(ack, Acked)
    assert ack.dup


def test_members_are_told_until_they_answer() -> None:
    state = team(ANA, BO)
    state.change(change(Invite((CY,)), 1), 2000)
    assert state.retell() == []
    told = [e for e in state.commit() if isinstance(e, TellUser)]
    assert [(t.user, t.change.conv_seq, t.change.since) for t in told] == [(CY, 2, 2)]
    assert state.retell() == [replace(t, change=replace(t.change, again=True)) for t in told]
    assert state.effect_done(EffectDone(CY, 2)) == [Finish()]
    assert state.retell() == []


def test_a_failed_commit_refuses_everything_behind_it_in_order() -> None:
    state = team(ANA, BO)
    state.post(post(1), 2000)
    state.post(post(2), 2000)
    effects = state.fail(StoreRetryableError("disk full"))
    assert [type(a) for a in answers(effects)] == [UnavailableError, UnavailableError]
    assert effects[-1] == Reload(disown=False)


def test_an_unknown_outcome_ends_the_epoch() -> None:
    state = team(ANA, BO)
    state.post(post(1), 2000)
    assert state.fail(OutcomeUnknownError("i/o"))[-1] == Reload(disown=True)


def test_a_row_that_cannot_be_stored_is_not_to_be_sent_again() -> None:
    state = team(ANA, BO)
    state.post(post(1), 2000)
    state.post(post(2), 2000)
    kinds = [type(a) for a in answers(state.fail(SeqMismatchError(1, 2)))]
    assert kinds == [InternalError, UnavailableError]


def test_a_cursor_never_falls_and_never_passes_the_tip() -> None:
    state = team(ANA, BO)
    state.post(post(1), 2000)
    state.commit()
    assert state.move(MoveCursor(BO, "read", 99))
    assert not state.move(MoveCursor(BO, "recv", 1))
    assert not state.move(MoveCursor(CY, "read", 1))
    receipts, moved = state.receipts()
    assert (receipts.recv, receipts.read) == ({BO: 2}, {BO: 2})
    assert moved == {BO: Cursors(2, 2)}
    assert state.receipts()[1] == {}


def test_nobody_reads_past_what_is_durable() -> None:
    state = team(ANA, BO)
    state.post(post(1), 2000)
    assert state.grant(BO).spans == ((1, 1),)
    state.commit()
    assert state.grant(BO).spans == ((1, 2),)


def test_a_snapshot_falls_due_by_the_number_of_entries() -> None:
    state = team(ANA, BO, limits=Limits(snapshot_every=3))
    (first,) = state.post(post(1), 2000)
    state.commit()
    (second,) = state.post(post(2), 2000)
    assert isinstance(first, Append)
    assert isinstance(second, Append)
    assert (first.snapshot_due, second.snapshot_due) == (False, True)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("post"), st.sampled_from([ANA, BO, CY])),
            st.tuples(st.just("invite"), st.sampled_from([BO, CY])),
            st.tuples(st.just("kick"), st.sampled_from([BO, CY])),
            st.tuples(st.just("leave"), st.sampled_from([BO, CY])),
        ),
        max_size=25,
    ),
    st.integers(0, 25),
)
def test_a_snapshot_and_the_tail_make_the_same_state(
    steps: list[tuple[str, UserId]], cut: int
) -> None:
    state = fresh()
    log: list[Entry] = entries(
        state.found(FoundGroup(ME, ANA, "Team", (BO,), "joined"), 1000)
    )  # fmt: skip
    state.commit()
    snapshot: Snapshot | None = None
    for n, (what, user) in enumerate(steps):
        if n == cut:
            snapshot = snapshot_codec.encode(state)
        cids = {u: state.windows.get(f"v_{u}") for u in (ANA, BO, CY)}
        window = cids[user if what in ("post", "leave") else ANA]
        last = window.last if window else 0
        try:
            match what:
                case "post":
                    m = post(last + 1, f"text {n}", user=user, device=DeviceId(f"v_{user}"))
                    log += entries(state.post(m, 2000 + n))
                case "leave":
                    left = change(Leave(), last + 1, user, DeviceId(f"v_{user}"))
                    log += entries(state.change(left, 2000 + n))
                case _:
                    asked = Invite((user,)) if what == "invite" else Kick((user,))
                    m2 = change(asked, last + 1, ANA, DeviceId(f"v_{ANA}"))
                    log += entries(state.change(m2, 2000 + n))
        except (ForbiddenError, NotFoundError, BadRequestError):
            continue
        state.commit()
    assert [e.seq for e in log] == list(range(1, len(log) + 1))
    tail = [e for e in log if snapshot is None or e.seq > snapshot.seq]
    again = snapshot_codec.restore(GROUP, 1, state.limits, Activation(snapshot, tail, {}))
    assert (again.head, again.count, again.ts) == (state.head, state.count, state.ts)
    assert again.windows == state.windows
    assert list(again.members.by_user) == list(state.members.by_user)
    assert {u: (m.role, m.spans, m.changed) for u, m in again.members.by_user.items()} == {
        u: (m.role, m.spans, m.changed) for u, m in state.members.by_user.items()
    }


def test_the_kinds_of_body_go_round_through_the_log() -> None:
    state = team(ANA, BO)
    (entry,) = entries(state.change(change(Rename("N\N{LATIN SMALL LETTER E WITH ACUTE}w"), 1), 9))
    again = snapshot_codec.restore(
        GROUP, 1, state.limits, Activation(snapshot_codec.encode(team(ANA, BO)), [entry], {})
    )
    assert again.members.title == "N\N{LATIN SMALL LETTER E WITH ACUTE}w"
