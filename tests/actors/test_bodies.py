"""Bodies and their bytes in the store."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.actors.bodies import (
    KINDS,
    Body,
    Delete,
    Deleted,
    Edit,
    React,
    SelfEntry,
    System,
    Text,
    decode_body,
    encode_body,
)
from hubbub.config.ids import UserId

words = st.text(st.characters(exclude_categories=["Cs"]))
users = st.lists(words.map(UserId), max_size=3).map(tuple)
bodies = st.one_of(
    st.builds(Text, words, st.none() | st.integers(1, 1 << 50)),
    st.builds(
        System,
        st.sampled_from(["created", "joined", "left", "kicked", "role", "renamed"]),
        users,
        st.none() | words,
        st.none() | st.sampled_from(["owner", "admin", "member"]),
        st.sampled_from(["joined", "all"]),
    ),
    st.just(Deleted()),
    st.builds(Edit, st.integers(1, 1 << 50), words),
    st.builds(Delete, st.integers(1, 1 << 50)),
    st.builds(React, st.integers(1, 1 << 50), words),
    st.builds(SelfEntry, st.just("list"), words, st.integers(0, 1 << 50)),
    st.builds(
        SelfEntry,
        st.just("create"),
        words,
        st.just(0),
        words,
        users,
        st.sampled_from(["joined", "all"]),
    ),
)


@given(bodies)
def test_every_body_comes_back_as_it_was(body: Body) -> None:
    assert decode_body(encode_body(body)) == body
    assert type(body) in KINDS


def test_the_bytes_read_like_the_protocol() -> None:
    assert msgspec.msgpack.decode(encode_body(Text("Hello", 3))) == {
        "k": "text",
        "text": "Hello",
        "re_s": 3,
    }


def test_a_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="hologram"):
        decode_body(msgspec.msgpack.encode({"k": "hologram"}))


def test_a_text_is_not_shown_in_a_repr() -> None:
    assert "secret" not in repr([Text("secret"), Edit(1, "secret")])
