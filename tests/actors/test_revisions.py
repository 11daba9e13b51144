"""Changes of earlier texts, as their conversation's owner judges them: event in, effects out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.owner import ANA, BO, CY, GROUP, Owner, projections, refused, team

from hubbub.actors import snapshot_codec
from hubbub.actors.answers import Acked
from hubbub.actors.bodies import Content, Delete, Edit, React, Text, encode_body
from hubbub.actors.commands import Post, ReplyTo
from hubbub.actors.conversation_effects import Answer, Append, FanOut, Finish, Look, Project
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.requests import Invite, Leave, SetRole
from hubbub.actors.revisions import MOST_OPEN
from hubbub.config.errors import (
    BadRequestError,
    CidUsedError,
    ForbiddenError,
    NotFoundError,
    Refusal,
    ResendError,
    StoreRetryableError,
    TooLargeError,
    UnavailableError,
)
from hubbub.config.ids import DeviceId, UserId, direct_id
from hubbub.config.limits import Limits
from hubbub.storage.records import Activation, Projection, Snapshot

# --- what happens -------------------------------------------------------------------------------


def test_a_text_is_looked_up_before_its_change_is_judged_and_nothing_else_happens() -> None:
    owner = team(ANA, BO)
    m = Post(ReplyTo("s", 1), ANA, DeviceId("v_x"), "s", 1, 0, Edit(2, "second"))
    assert owner.state.post(m, 1000) == [Look(m)]
    assert owner.state.head == 2


@pytest.mark.parametrize(
    ("body", "kind"),
    [(Edit(2, "second"), "edit"), (Delete(2), "delete"), (React(2, "👍"), "react")],
)
def test_a_change_is_an_entry_of_the_log_that_names_its_text_and_does_not_count(
    body: Content, kind: str
) -> None:
    owner = team(ANA, BO)
    (append,) = owner.post(ANA, body)
    assert isinstance(append, Append)
    (entry,) = append.entries
    assert (entry.seq, entry.target, entry.count, entry.sender) == (3, 2, 1, ANA)
    assert entry.kind == kind
    assert append.unfinished


def test_members_hear_of_a_change_and_the_store_is_to_show_it_only_after_its_commit() -> None:
    owner = team(ANA, BO)
    effects = owner.post(ANA, Edit(2, "second"))
    assert [type(e) for e in effects] == [Append]
    ack, fan_out, project = owner.commit()
    assert ack == Answer(ReplyTo("session:u_ana", 2), Acked(GROUP, 2, 3, 1000, False))
    assert isinstance(fan_out, FanOut)
    assert project == Project(Projection(2, 3, encode_body(Text("second"))))


def test_changes_are_judged_by_what_is_accepted_before_them() -> None:
    owner = team(ANA, BO)
    owner.post(ANA, Edit(2, "second"))
    owner.post(BO, React(2, "👍"))
    owner.post(ANA, Delete(2))
    for user, body in ((ANA, Edit(2, "third")), (BO, React(2, "")), (ANA, Delete(2))):
        with pytest.raises(NotFoundError):
            owner.post(user, body)
    first, then = owner.commit(), owner.commit()
    edited, reacted, gone = projections(first) + projections(then)
    assert reacted == replace(edited, changed_at=4, reactions={"👍": [BO]})
    assert gone == Projection(2, 5, deleted=True)


def test_a_text_that_is_not_durable_yet_is_changed_without_a_look() -> None:
    owner = team(ANA, BO)
    owner.post(ANA, Text("quick"))
    looked = owner.looked
    owner.post(ANA, Edit(3, "quicker"))
    assert owner.looked == looked
    assert projections(owner.commit()) == []
    (project,) = projections(owner.commit())
    assert project.body == encode_body(Text("quicker"))


def test_an_edit_keeps_what_its_text_replies_to() -> None:
    owner = team(ANA, BO)
    owner.said(BO, Text("reply", 2))
    (project,) = projections(owner.said(BO, Edit(3, "better")))
    assert project.body == encode_body(Text("better", 2))


def test_a_change_repeated_gets_its_first_ack_and_another_content_is_refused() -> None:
    owner = team(ANA, BO)
    owner.said(ANA, Delete(2))
    again = Post(ReplyTo("s", 9), ANA, DeviceId("v_u_ana"), "s", 2, 1, Delete(2))
    assert owner.hand_in(again)[0] == Answer(ReplyTo("s", 9), Acked(GROUP, 2, 3, 1000, True))
    with pytest.raises(CidUsedError):
        owner.hand_in(replace(again, body=Edit(2, "other")))


def test_a_change_keeps_to_its_devices_chain() -> None:
    owner = team(ANA, BO)
    m = Post(ReplyTo("s", 1), ANA, DeviceId("v_u_ana"), "s", 3, 2, Delete(2))
    with pytest.raises(ResendError):
        owner.hand_in(m)


def test_a_failed_commit_refuses_the_changes_too() -> None:
    owner = team(ANA, BO)
    owner.post(ANA, Delete(2))
    answer, _reload = owner.state.fail(StoreRetryableError("disk full"))
    assert isinstance(answer, Answer)
    assert isinstance(answer.result, UnavailableError)


# --- who may ------------------------------------------------------------------------------------


def test_only_its_writer_edits_a_text() -> None:
    owner = team(ANA, BO)
    assert refused(owner, BO, Edit(2, "mine")) is ForbiddenError
    assert refused(owner, ANA, Edit(2, "mine")) is None


def test_in_a_group_its_writer_and_the_staff_delete_a_text() -> None:
    owner = team(ANA, BO, CY)
    owner.said(BO, Text("by bo"))
    assert refused(owner, CY, Delete(3)) is ForbiddenError
    assert refused(owner, BO, Delete(2)) is ForbiddenError
    owner.change(ANA, SetRole(CY, "admin"))
    assert refused(owner, CY, Delete(3)) is None
    assert refused(owner, CY, Delete(2)) is None


def test_of_two_people_each_deletes_the_own_texts_only() -> None:
    owner = Owner(direct_id(ANA, BO))
    owner.said(ANA, Text("first"), to=BO)
    assert refused(owner, BO, Delete(2)) is ForbiddenError
    assert refused(owner, BO, React(2, "👍")) is None
    assert refused(owner, ANA, Delete(2)) is None


def test_a_conversation_is_not_founded_by_a_change() -> None:
    owner = Owner(direct_id(ANA, BO))
    with pytest.raises(NotFoundError):
        owner.post(ANA, Edit(1, "x"), to=BO)


@pytest.mark.parametrize("body", [Edit(9, "x"), Delete(9), React(9, "👍"), Delete(0), Delete(-1)])
def test_what_is_not_there_is_not_found(body: Content) -> None:
    assert refused(team(ANA, BO), ANA, body) is NotFoundError


@pytest.mark.parametrize("target", [1, 3])
def test_only_texts_are_changed(target: int) -> None:
    owner = team(ANA, BO)
    owner.said(ANA, React(2, "👍"))
    for body in (Edit(target, "x"), Delete(target), React(target, "👍")):
        assert refused(owner, ANA, body) is BadRequestError


def test_a_hidden_entry_is_not_found() -> None:
    owner = team(ANA, BO)
    owner.log[1] = replace(owner.log[1], kind="block")
    assert refused(owner, ANA, Delete(2)) is NotFoundError


def test_strangers_and_those_who_left_change_nothing() -> None:
    owner = team(ANA, BO)
    owner.change(BO, Leave())
    for body in (Edit(2, "x"), Delete(2), React(2, "👍")):
        assert refused(owner, BO, body) is ForbiddenError
        assert refused(owner, CY, body) is NotFoundError


def test_what_was_said_before_one_came_is_not_found_by_who_came() -> None:
    owner = team(ANA, BO)
    owner.change(ANA, Invite((CY,)))
    assert refused(owner, CY, React(2, "👍")) is NotFoundError
    owner.said(ANA, Text("welcome"))
    assert refused(owner, CY, React(4, "👍")) is None


def test_an_edit_keeps_to_the_limits_of_a_text() -> None:
    owner = team(ANA, BO, limits=Limits(text_chars=10))
    assert refused(owner, ANA, Edit(2, "x" * 11)) is TooLargeError
    assert refused(owner, ANA, Edit(2, "")) is BadRequestError
    assert refused(owner, ANA, Edit(2, "x" * 10)) is None


@pytest.mark.parametrize(
    ("emoji", "error"),
    [("x" * 65, TooLargeError), ("two words", BadRequestError), ("\x07", BadRequestError)],
)
def test_a_reaction_keeps_to_its_limits(emoji: str, error: type[Refusal]) -> None:
    assert refused(team(ANA, BO), BO, React(2, emoji)) is error


# --- until the store shows it -------------------------------------------------------------------


def test_readers_are_given_what_is_durable_and_not_shown_yet() -> None:
    owner = team(ANA, BO)
    owner.post(ANA, Delete(2))
    assert owner.state.grant(BO).pending == ()
    owner.commit()
    gone = Projection(2, 3, deleted=True)
    assert owner.state.grant(BO).pending == (gone,)
    owner.state.projected(3)
    assert owner.state.grant(BO).pending == ()


def test_the_store_is_told_until_it_has_the_newest_of_each_text() -> None:
    owner = team(ANA, BO)
    owner.said(ANA, Edit(2, "second"))
    owner.said(ANA, Edit(2, "third"))
    owner.said(BO, Text("other"))
    owner.said(ANA, React(5, "👍"))
    assert [p.changed_at for p in projections(owner.state.retell())] == [4, 6]
    assert owner.state.projected(4) == []
    assert [p.changed_at for p in projections(owner.state.retell())] == [6]
    assert owner.state.projected(6) == [Finish()]
    assert owner.state.retell() == []
    assert owner.state.projected(6) == []


def test_the_actor_stays_until_the_store_has_everything() -> None:
    owner = team(ANA, BO)
    owner.said(ANA, Edit(2, "second"))
    assert not owner.state.quiet
    owner.state.projected(3)
    assert owner.state.quiet


def test_the_store_is_told_again_even_while_something_is_under_way() -> None:
    owner = team(ANA, BO)
    owner.said(ANA, Edit(2, "second"))
    owner.post(ANA, Edit(2, "third"))
    assert [p.changed_at for p in projections(owner.state.retell())] == [3]


def test_changes_that_the_store_does_not_take_are_bounded() -> None:
    owner = team(ANA, BO)
    for seq in range(MOST_OPEN):
        owner.state.revisions.open[seq + 10] = Projection(seq, seq + 10)
    assert refused(owner, ANA, Edit(2, "x")) is UnavailableError
    assert refused(owner, ANA, Text("still welcome")) is None


def test_one_who_left_is_granted_as_such() -> None:
    owner = team(ANA, BO)
    assert not owner.state.grant(BO).left
    owner.change(BO, Leave())
    grant = owner.state.grant(BO)
    assert (grant.left, grant.spans) == (True, ((1, 3),))


# --- after a crash ------------------------------------------------------------------------------


def restored(owner: Owner, snapshot: Snapshot | None) -> ConversationState:
    tail = [e for e in owner.log if snapshot is None or e.seq > snapshot.seq]
    limits = owner.state.limits
    return snapshot_codec.restore(GROUP, 1, limits, Activation(snapshot, tail, {}))


def test_a_snapshot_remembers_up_to_where_the_store_shows_every_change() -> None:
    owner = team(ANA, BO)
    assert restored(owner, snapshot_codec.encode(owner.state)).revisions.written == 2
    owner.said(ANA, Edit(2, "second"))
    owner.said(ANA, Text("more"))
    open_ = restored(owner, snapshot_codec.encode(owner.state))
    assert (open_.head, open_.revisions.written, open_.unfinished) == (4, 2, True)
    owner.state.projected(3)
    done = restored(owner, snapshot_codec.encode(owner.state))
    assert (done.head, done.revisions.written, done.unfinished) == (4, 4, False)


def test_a_snapshot_between_two_crashes_forgets_nothing_that_the_store_lacks() -> None:
    owner = team(ANA, BO)
    owner.said(ANA, Edit(2, "second"))
    owner.said(BO, Text("other"))
    (both,) = projections(owner.said(BO, React(2, "👍")))
    owner.state = restored(owner, None)
    owner.state.revisions.adopt([both])
    owner.said(ANA, Edit(2, "third"))
    again = restored(owner, snapshot_codec.encode(owner.state))
    assert again.revisions.written == 0, "the edit at 3 is not in what the store shows"
    owner.state.projected(6)
    owner.said(BO, Text("more"))
    assert restored(owner, snapshot_codec.encode(owner.state)).revisions.written == 7


def test_a_log_with_erased_words_is_taken_up_and_a_retry_finds_its_ack() -> None:
    owner = team(ANA, BO)
    owner.said(ANA, Edit(2, "second"))
    owner.said(ANA, Delete(2))
    for seq in (2, 3):
        owner.log[seq - 1] = replace(owner.log[seq - 1], body=b"")
    owner.state = restored(owner, None)
    assert (owner.state.head, owner.state.count, owner.state.unfinished) == (4, 1, True)
    for cid, body, seq in ((1, Text("first"), 2), (2, Edit(2, "second"), 3), (3, Delete(2), 4)):
        m = Post(ReplyTo("s", 1), ANA, DeviceId("v_u_ana"), "s", cid, cid - 1, body)
        assert owner.hand_in(m)[0] == Answer(m.reply, Acked(GROUP, cid, seq, 1000, True))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([ANA, BO]),
            st.one_of(
                st.builds(Text, st.sampled_from(["a", "b"])),
                st.builds(Edit, st.integers(1, 8), st.sampled_from(["c", "d"])),
                st.builds(React, st.integers(1, 8), st.sampled_from(["", "👍", "❤"])),
                st.builds(Delete, st.integers(1, 8)),
            ),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_whatever_the_order_the_last_word_on_each_text_is_what_a_model_says(
    steps: list[tuple[UserId, Content, bool]],
) -> None:
    owner = team(ANA, BO)
    model: dict[int, tuple[UserId, str | None, dict[UserId, str]]] = {2: (ANA, "first", {})}
    final: dict[int, Projection] = {}
    for user, body, commit in steps:
        seq = owner.state.head + 1
        try:
            final.update({p.seq: p for p in projections(owner.post(user, body))})
        except Refusal:
            ok = False
        else:
            ok = True
        text = None if isinstance(body, Text) else model.get(body.s)
        staff = user == ANA
        match body:
            case Text():
                allowed = True
                model[seq] = (user, body.text, {})
            case Edit():
                allowed = text is not None and text[1] is not None and text[0] == user
                if allowed and text is not None:
                    model[body.s] = (text[0], body.text, text[2])
            case Delete():
                allowed = text is not None and text[1] is not None and (text[0] == user or staff)
                if allowed and text is not None:
                    model[body.s] = (text[0], None, {})
            case React():
                allowed = text is not None and text[1] is not None
                if allowed and text is not None:
                    text[2].pop(user, None)
                    if body.emoji:
                        text[2][user] = body.emoji
        assert ok == allowed
        if commit:
            final.update({p.seq: p for p in projections(owner.commit())})
    while owner.state.group.busy:
        final.update({p.seq: p for p in projections(owner.commit())})
    for seq, projection in final.items():
        _, words, reacted = model[seq]
        assert projection.deleted == (words is None)
        if projection.body is not None:
            assert projection.body == encode_body(Text(words or ""))
        shown = {u: sign for sign, users in projection.reactions.items() for u in users}
        assert shown == reacted
