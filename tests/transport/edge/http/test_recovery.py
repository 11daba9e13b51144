"""Recovery codes."""

from __future__ import annotations

from tests.support.http_node import CountingChance

from hubbub.transport.edge.http.recovery import code_digest, new_code


def test_a_code_is_eighty_bits_in_groups_of_four() -> None:
    code = new_code(CountingChance())
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    assert set(code) <= set("abcdefghijklmnopqrstuvwxyz234567-")


def test_a_code_is_known_however_it_was_typed() -> None:
    code = "olbq-7mzd-aaxe-p2uv"
    for typed in (code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')} ", "01BQ"):
        known = code_digest(typed) == code_digest(code)
        assert known == (typed != "01BQ")
    assert code_digest("018q7mzdaaxep2uv") == code_digest(code)


def test_codes_and_their_digests_differ() -> None:
    chance = CountingChance()
    codes = [new_code(chance) for _ in range(50)]
    assert len({code_digest(code) for code in codes}) == 50
    assert len(code_digest(codes[0])) == 32
