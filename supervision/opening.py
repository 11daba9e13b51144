"""The last of a chat's children to start: it takes up what was left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..actors.gate_commands import Erase
from ..config.ids import owner_of, self_log, shard_of

if TYPE_CHECKING:
    from .chat import Chat


class Opening:
    """The last of the actors' part to start: what waited meanwhile is taken up."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    async def start(self) -> None:
        """Wake the logs with unfinished effects, and give every connection its Session."""
        chat = self._chat
        for log in await chat.store.unfinished():
            if chat.cluster.here(shard_of(log)):
                chat.wake(owner_of(log))
        for user in await chat.store.deletions():
            if chat.cluster.here(shard_of(self_log(user))):
                chat.cluster.tell(f"erase:{user}", Erase())
        for session in chat.directory.sessions():
            chat.sessions.start(session)
        chat.open = True

    async def stop(self) -> None:
        """No traffic from here on."""
        self._chat.open = False


__all__ = ["Opening"]
