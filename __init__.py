"""Hubbub: a chat system of supervised actors.

    run_node ─> supervision ─> transport ─> actors ─> storage ─> config     imports go down only

config         settings, limits, errors, ids, time and chance
storage        logs, lists and accounts, in memory or in SQLite
actors         the runtime, and the three actors of the chat: Session, User, Conversation
transport      the clients' protocol, the edge that speaks it, and the nodes among each other
supervision    who starts and restarts whom, and the command line
web            the page for people
testkit        for tests: probes, virtual time, faults, a chat on several nodes in one process

The names below are what an embedder uses. They are imported when they are first asked for, so
`import hubbub` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .actors.runtime.actor import LoopActor
    from .actors.runtime.ref import LoopActorRef
    from .actors.runtime.system import ActorSystem
    from .config.errors import HubbubError, Refusal, StartError
    from .config.settings import Settings
    from .config.version import VERSION as __version__
    from .supervision.chat import Chat, chat

#: {public name: (module, its name there)}; a test holds it against the imports above.
_WHERE = {
    "ActorSystem": (".actors.runtime.system", "ActorSystem"),
    "Chat": (".supervision.chat", "Chat"),
    "HubbubError": (".config.errors", "HubbubError"),
    "LoopActor": (".actors.runtime.actor", "LoopActor"),
    "LoopActorRef": (".actors.runtime.ref", "LoopActorRef"),
    "Refusal": (".config.errors", "Refusal"),
    "Settings": (".config.settings", "Settings"),
    "StartError": (".config.errors", "StartError"),
    "__version__": (".config.version", "VERSION"),
    "chat": (".supervision.chat", "chat"),
}

if not TYPE_CHECKING:
    # Hidden from type checkers, which would take it to mean that every name exists.
    def __getattr__(name: str) -> object:
        try:
            module, inner = _WHERE[name]
        except KeyError:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
        value: object = getattr(import_module(module, __name__), inner)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})


__all__ = [
    "ActorSystem",
    "Chat",
    "HubbubError",
    "LoopActor",
    "LoopActorRef",
    "Refusal",
    "Settings",
    "StartError",
    "__version__",
    "chat",
]
