"""What later entries make of a text, and what of it readers are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.actors.bodies import (
    KINDS,
    Content,
    Delete,
    Edit,
    React,
    Revision,
    Text,
    decode_body,
    encode_body,
)
from hubbub.actors.projections import as_granted, fold
from hubbub.config.ids import UserId
from hubbub.storage.records import Entry, Message, Projection

ANA, BO, CY = (UserId(f"u_{name}") for name in ("ana", "bo", "cy"))


def entry(seq: int, body: Content, sender: UserId = ANA) -> Entry:
    target = 0 if isinstance(body, Text) else body.s
    kind = KINDS[type(body)]
    return Entry(seq, 1, "v", seq, sender, seq, kind, encode_body(body), 1, target)


def folded(*changes: tuple[Revision, UserId], text: Text | None = None) -> Message:
    """The text at 5 after these changes, at 6 and on."""
    message = Message(entry(5, text or Text("first", 2)))
    for seq, (body, user) in enumerate(changes, 6):
        message = Message(message.entry, fold(message, entry(seq, body, user)))
    return message


def shown(message: Message) -> Text:
    assert message.projection is not None
    assert message.projection.body is not None
    text = decode_body(message.projection.body)
    assert isinstance(text, Text)
    return text


def reactions(message: Message) -> dict[str, list[UserId]]:
    assert message.projection is not None
    return message.projection.reactions


def test_an_edit_gives_new_words_to_the_same_reply() -> None:
    message = folded((Edit(5, "second"), ANA), (Edit(5, "third"), ANA))
    assert shown(message) == Text("third", 2)
    assert message.projection is not None
    assert message.projection.changed_at == 7


def test_one_user_has_one_reaction_and_the_newest_stands_last() -> None:
    message = folded(
        (React(5, "👍"), ANA), (React(5, "❤"), BO), (React(5, "👍"), BO), (React(5, "❤"), ANA)
    )
    assert reactions(message) == {"👍": [BO], "❤": [ANA]}
    assert list(reactions(message)) == ["👍", "❤"]


def test_an_empty_reaction_takes_it_back() -> None:
    taken = folded((React(5, "👍"), ANA), (React(5, "👍"), BO), (React(5, ""), ANA))
    assert reactions(taken) == {"👍": [BO]}
    assert reactions(folded((React(5, "👍"), ANA), (React(5, ""), ANA))) == {}


def test_a_reaction_leaves_the_words_and_an_edit_the_reactions() -> None:
    message = folded((Edit(5, "second"), ANA), (React(5, "👍"), BO), (Edit(5, "third"), ANA))
    assert (shown(message), reactions(message)) == (Text("third", 2), {"👍": [BO]})


def test_of_a_deleted_text_nothing_is_left_and_nothing_comes_back() -> None:
    message = folded(
        (Edit(5, "second"), ANA), (React(5, "👍"), BO), (Delete(5), ANA), (Edit(5, "again"), ANA)
    )
    assert message.projection == Projection(5, 8, None, deleted=True)


def test_an_edit_whose_words_are_erased_tells_that_its_text_was_deleted() -> None:
    erased = Entry(6, 1, "v", 6, ANA, 6, "edit", b"", 1, 5)
    assert fold(Message(entry(5, Text("first"))), erased) == Projection(5, 6, deleted=True)


def test_only_a_change_can_be_folded() -> None:
    with pytest.raises(TypeError):
        fold(Message(entry(5, Text("first"))), entry(6, Text("second")))


changes = st.lists(
    st.tuples(
        st.one_of(
            st.builds(Edit, st.just(5), st.sampled_from(["", "x", "y"])),
            st.builds(React, st.just(5), st.sampled_from(["", "👍", "❤"])),
            st.just(Delete(5)),
        ),
        st.sampled_from([ANA, BO, CY]),
    ),
    max_size=8,
)


@given(changes, st.integers(0, 8))
def test_to_fold_again_what_is_in_changes_nothing(
    made: list[tuple[Revision, UserId]], again: int
) -> None:
    message = folded(*made)
    for seq, (body, user) in enumerate(made[:again], 6):
        before = message.projection
        assert fold(message, entry(seq, body, user)) == before


@given(changes)
def test_a_user_never_has_two_reactions_and_no_emoji_is_without_users(
    made: list[tuple[Revision, UserId]],
) -> None:
    for upto in range(1, len(made) + 1):
        users = [u for of in reactions(folded(*made[:upto])).values() for u in of]
        assert len(users) == len(set(users))
        assert all(reactions(folded(*made[:upto])).values())


# --- what readers are shown ---------------------------------------------------------------------

TEXT = entry(5, Text("secret"))
EDIT = entry(6, Edit(5, "secret too"))
OTHER = entry(7, Text("other"))


def test_a_member_is_shown_what_the_store_has_when_nothing_is_pending() -> None:
    messages = [Message(TEXT, Projection(5, 6, encode_body(Text("now")))), Message(OTHER)]
    assert as_granted(messages, (), None) == messages


def test_a_pending_change_is_shown_where_the_store_has_an_older_one() -> None:
    older, newer = Projection(5, 6, encode_body(Text("6"))), Projection(5, 9)
    assert as_granted([Message(TEXT), Message(TEXT, older)], [newer], None) == [
        Message(TEXT, newer),
        Message(TEXT, newer),
    ]
    assert as_granted([Message(TEXT, newer)], [older], None) == [Message(TEXT, newer)]


def test_no_word_of_a_text_whose_deletion_is_pending_is_left_in_a_page() -> None:
    gone = Projection(5, 8, deleted=True)
    text, edit, other = as_granted([Message(TEXT), Message(EDIT), Message(OTHER)], [gone], None)
    assert (text.entry.body, text.projection) == (b"", gone)
    assert (edit.entry.body, edit.projection) == (b"", None)
    assert other == Message(OTHER)


def test_one_who_left_sees_no_later_words_but_that_they_are_gone() -> None:
    before = Projection(5, 6, encode_body(Text("before leaving")))
    after = Projection(5, 9, encode_body(Text("after leaving")))
    gone = Projection(5, 9, deleted=True)
    for stored, pending, seen in (
        (before, (), before),
        (after, (), None),
        (before, (after,), before),
        (None, (after,), None),
        (gone, (), gone),
        (before, (gone,), gone),
    ):
        (message,) = as_granted([Message(TEXT, stored)], pending, 7)
        assert message.projection == seen
        assert message.entry.body == (b"" if seen is gone else TEXT.body)
