"""How far every conversation of a user goes."""

from __future__ import annotations

import pytest
from tests.support.chat import chatting

from hubbub.actors import heads
from hubbub.actors.answers import Acked
from hubbub.actors.heads import all_heads


async def test_every_page_of_the_list_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_PAGE", 2)
    async with chatting() as chat:
        ana = await chat.person("ana")
        phone = await chat.device(ana)
        expected: dict[str, int] = {}
        for name in ("bo", "cy", "dee", "eli", "fay"):
            ack = await phone.post(await chat.person(name), 1, "Hello")
            assert isinstance(ack, Acked)
            expected[ack.conv] = 2
        assert await all_heads(chat.store, ana) == expected
