"""A batch as the bytes of an entry: it comes out as it went in, and other bytes are none."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.transport.cluster.batches import pack_batch, unpack_batch
from hubbub.transport.cluster.bus import Batch


@settings(deadline=None)
@given(st.text(), st.integers(1, (1 << 63) - 1), st.lists(st.binary()))
def test_a_batch_comes_out_as_it_went_in(sender: str, number: int, envelopes: list[bytes]) -> None:
    batch = Batch(sender, number, tuple(envelopes))
    assert unpack_batch(pack_batch(batch)) == batch


@pytest.mark.parametrize(
    "value", [3, ["a", 1], ["a", "1", []], [1, 1, []], ["a", 1, ["text"]], ["a", 1.5, []], None]
)
def test_other_values_are_no_batch(value: object) -> None:
    with pytest.raises(ValueError, match="no batch"):
        unpack_batch(msgspec.msgpack.encode(value))


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_whatever_the_bytes_they_are_a_batch_or_refused(data: bytes) -> None:
    try:
        unpack_batch(data)
    except ValueError:
        return
