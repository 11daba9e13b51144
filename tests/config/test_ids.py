"""Identifiers: their form, and what is made from what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.config.ids import (
    SHARDS,
    DeviceId,
    UserId,
    conversation_kind,
    direct_id,
    group_id,
    is_conv_id,
    is_user_id,
    letters,
    name_shard,
    owner_of,
    self_log,
    shard_of,
)

ADA, BOB = UserId("u_" + "a" * 20), UserId("u_" + "b" * 20)


def test_a_direct_conversation_has_one_id_whoever_asks() -> None:
    assert direct_id(ADA, BOB) == direct_id(BOB, ADA)
    assert direct_id(ADA, BOB) != direct_id(ADA, ADA)
    assert is_conv_id(direct_id(ADA, BOB))
    assert conversation_kind(direct_id(ADA, BOB)) == "direct"


def test_a_retried_creation_names_the_same_group() -> None:
    device = DeviceId("v_" + "a" * 20)
    assert group_id(device, 7) == group_id(device, 7)
    assert group_id(device, 7) != group_id(device, 8)
    assert is_conv_id(group_id(device, 7))
    assert conversation_kind(group_id(device, 7)) == "group"


@given(st.text(), st.integers(0), st.text(), st.integers(0))
def test_no_two_creations_share_a_group(one: str, cid: int, other: str, other_cid: int) -> None:
    same = (one, cid) == (other, other_cid)
    assert (group_id(DeviceId(one), cid) == group_id(DeviceId(other), other_cid)) == same


def test_ids_do_not_change_between_versions() -> None:
    # They are in every store: these are as the first version made them.
    assert direct_id(ADA, BOB) == "d_yyhnuogi6q7lnrmtk4zw5fy474"
    assert group_id(DeviceId("v_" + "a" * 20), 7) == "g_cr46sz5qt7p25oops3hm42pble"
    assert shard_of(ADA) == 816


def test_a_self_log_is_named_after_its_user() -> None:
    assert self_log(ADA) == "s_" + "a" * 20


@given(st.binary(max_size=40))
def test_letters_are_small_and_unpadded(data: bytes) -> None:
    assert set(letters(data)) <= set("abcdefghijklmnopqrstuvwxyz234567")


@pytest.mark.parametrize(
    "text", ["", "u_", "u_" + "A" * 20, "u_" + "a" * 21, ADA + "\n", "x" + ADA]
)
def test_what_is_no_users_id_is_told(text: str) -> None:
    assert is_user_id(ADA)
    assert not is_user_id(text)


@pytest.mark.parametrize("text", ["", "s_" + "a" * 26, "d_" + "a" * 25, "g_" + "1" * 26, ADA])
def test_what_is_no_conversations_id_is_told(text: str) -> None:
    assert not is_conv_id(text)


@given(st.text())
def test_every_name_has_a_shard(name: str) -> None:
    assert 0 <= shard_of(name) < SHARDS


def test_an_actor_has_the_shard_of_its_log() -> None:
    conv = direct_id(ADA, BOB)
    assert name_shard(f"conv:{conv}") == shard_of(conv)
    assert name_shard(f"user:{ADA}") == name_shard(f"erase:{ADA}") == shard_of(self_log(ADA))
    for placed in ("session:n1:abc/7", "ask:n2/abc", "node:n3", "conversations/3"):
        assert name_shard(placed) is None


def test_a_log_has_one_owner_by_name() -> None:
    direct = direct_id(ADA, BOB)
    assert owner_of(direct) == f"conv:{direct}"
    assert owner_of(self_log(ADA)) == f"user:{ADA}"
