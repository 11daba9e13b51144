"""How often typing is passed on."""

from __future__ import annotations

from hubbub.actors.typing_pace import MOST_TYPED, TYPING_EVERY_S, TypingPace
from hubbub.config.ids import ConvId

TEA, CAKE = ConvId("g_tea"), ConvId("g_cake")


def test_a_sign_of_typing_is_passed_on_every_three_seconds_in_each_conversation() -> None:
    pace = TypingPace()
    assert pace.allows(TEA, 10.0)
    assert not pace.allows(TEA, 12.9)
    assert pace.allows(CAKE, 12.9)
    assert pace.allows(TEA, 13.0)
    assert not pace.allows(CAKE, 13.0)


def test_who_writes_everywhere_at_once_is_not_believed() -> None:
    pace = TypingPace()
    said = [pace.allows(ConvId(f"g_{n}"), 1.0) for n in range(MOST_TYPED + 5)]
    assert said == [True] * MOST_TYPED + [False] * 5
    assert pace.allows(TEA, 1.0 + TYPING_EVERY_S)
