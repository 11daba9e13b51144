"""Whether there is anybody behind an id."""

from __future__ import annotations

import pytest
from tests.support.chat import chatting

from hubbub.actors.commands import Description
from hubbub.actors.people import require_people, with_names
from hubbub.config.errors import NotFoundError
from hubbub.config.ids import ConvId, UserId


async def test_only_open_accounts_are_people() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        await require_people(chat.store, [])
        await require_people(chat.store, [ana, bo])
        await chat.store.set_disabled(bo, True)
        for users in ([ana, bo], [UserId("u_" + "z" * 20)], [UserId("no id")]):
            with pytest.raises(NotFoundError):
                await require_people(chat.store, users)


async def test_members_are_shown_by_their_display_names() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        await chat.store.set_profile(
            bo, "Bo Li", "", "fellows", sought="bo li", colour="hue-3", findable=True
        )  # fmt: skip
        gone = UserId("u_" + "z" * 20)
        described = Description(
            ConvId("g_x"),
            "group",
            "Team",
            {ana: ("owner", 3, 2), bo: ("member", 1, 1), gone: ("member", 0, 0)},
        )
        named = await with_names(chat.store, described)
        assert [m.name for m in named.members] == ["ana", "Bo Li", ""]
        assert [m.colour for m in named.members] == ["", "hue-3", ""]
