"""A batch as the bytes of an entry: it comes out as it went in, and other bytes are none."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.actors.commands import HeadTold
from hubbub.config.ids import ConvId
from hubbub.transport.cluster.batches import pack_batch, unpack_batch
from hubbub.transport.cluster.bus import Batch
from hubbub.transport.cluster.envelopes import Envelope, decode, encode

PAGE = Path(__file__).resolve().parents[3] / "docs" / "envelopes.md"


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


def test_the_bytes_on_the_page_are_what_the_page_says() -> None:
    of_the_newest, of_the_one_before = PAGE.read_text("utf-8").split("```text\n")[1:]
    data = bytes_on_the_page(of_the_newest)
    batch = unpack_batch(data)
    assert pack_batch(batch) == data
    assert (batch.sender, batch.number) == ("k3x9", 7)
    envelopes = [
        Envelope("fan", ("user:u_ann", "user:u_bob"), HeadTold(ConvId("g_tea"), 300)),
        Envelope("missed", "", None),
    ]
    assert [encode(envelope, "k3x9", 7) for envelope in envelopes] == list(batch.envelopes)
    assert [decode(envelope) for envelope in batch.envelopes] == envelopes
    older = bytes_on_the_page(of_the_one_before)
    assert encode(envelopes[1], "k3x9", 7, version=1) == older
    assert decode(older) == envelopes[1]


def bytes_on_the_page(dump: str) -> bytes:
    """Of a block of the page, whose words are held against them."""
    dump = dump.split("```", maxsplit=1)[0]
    lines = re.findall(r"^((?:[0-9a-f]{2} )*[0-9a-f]{2})  +(.+)$", dump, re.MULTILINE)
    assert len(lines) == len(dump.splitlines())
    for line, says in lines:
        for text in re.findall(r'"(.*)"', says):
            assert bytes.fromhex(line)[1:].decode() == text
    return bytes.fromhex(" ".join(line for line, _ in lines))
