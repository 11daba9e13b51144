"""The actor of a device's connection: what it asked for, and what it has on its screen.

It is started onto a Connection that outlives it. A new one takes over: it attaches to the User,
reads the heads for what may have been missed, and does the requests not yet answered again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

import structlog

from ..config.clock import Timer
from ..config.errors import (
    AskTimeoutError,
    BadRequestError,
    NotFoundError,
    Refusal,
    StoreError,
    TooLargeError,
    UnavailableError,
)
from ..config.ids import ConvId, UserId, direct_id, is_conv_id, self_log, shard_of
from ..config.limits import Limits
from ..config.units import SECONDS
from ..storage.contract import Store
from .answers import (
    Acked,
    Behind,
    Delivery,
    Done,
    PresenceAnswer,
    PresenceState,
    Receipts,
    Typing,
)
from .asker import Asker
from .commands import (
    AskPresence,
    Attach,
    Attached,
    CatchUp,
    ChangeGroup,
    CreateGroup,
    Describe,
    Description,
    Detach,
    Grant,
    GrantReading,
    MoveCursor,
    Moved,
    Post,
    Reply,
    ReplyTo,
    ShutOut,
    TellTyping,
    UnwatchConv,
    UnwatchUser,
    UserAct,
    WatchConv,
    WatchUser,
)
from .heads import all_heads, list_pages
from .history import read_page
from .people import require_people, with_names
from .ports import Cluster, Connection
from .requests import (
    ActRequest,
    ChangeRequest,
    CreateRequest,
    CursorNotice,
    DescribeRequest,
    HistoryRequest,
    Invite,
    PresenceRequest,
    Request,
    SendRequest,
    SyncRequest,
    TypingNotice,
    WatchRequest,
)
from .runtime.actor import LoopActor
from .typing_pace import TypingPace
from .waiting import pause

#: A command that got no answer by then is told once more: its actor may have crashed with it.
RETELL_S = 2 * SECONDS

#: What was told to actors that have moved is told again within so many seconds: not all sessions
#: of a node at once.
REJOIN_S = 1 * SECONDS

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Pending:
    """A request of the client's that an actor was told of.

    Attributes:
        told_at: Monotonic seconds.
    """

    request: Request
    target: str
    command: Any
    told_at: float
    retold: bool = False


class _Rejoin:
    """Time to attach, and to watch, again."""


class _Overdue:
    """Time to look for requests that nobody answered."""


class SessionActor(LoopActor):
    """`session:NODE:INCARNATION/N`."""

    def __init__(
        self,
        connection: Connection,
        store: Store,
        cluster: Cluster,
        asker: Asker,
        limits: Limits,
    ) -> None:
        super().__init__()
        self._connection = connection
        self._store = store
        self._cluster = cluster
        self._asker = asker
        self._limits = limits
        #: {key: Pending}, in the order they were told; None while there is none.
        self._pending: dict[int, Pending] | None = None
        self._timer: Timer | None = None
        self._watched: WatchRequest | None = None
        self._typing: TypingPace | None = None
        #: Shards whose actors are to be told again what they were told; None for none.
        self._moved: set[int] | None = None
        #: The number under which the User is asked to attach again; 0 while it is not.
        self._attaching = 0

    # --- life -----------------------------------------------------------------------------------

    async def on_start(self) -> None:  # type: ignore[override]  # pykka's is not async
        """Attach, then take over what the connection hands on."""
        here = self._connection
        handover = here.handover()
        mine = await self._attach()
        if mine is None:
            self.stop()
            return
        here.attached(mine)
        if handover.restarted:
            await self._read_heads()
        if handover.watch is not None:
            self._watch(handover.watch)
        for request in handover.requests:
            again = self.on_receive(request)
            if again is not None:
                await again

    def on_stop(self) -> None:
        """Nothing is pushed or watched for a connection that is gone."""
        if self._watched is not None:
            self._watch(WatchRequest(0, (), ()))
        self._cluster.tell(f"user:{self._connection.user}", Detach(self._connection.session))

    async def _attach(self) -> int | None:
        """The device's last cid in its User; None when a newer connection is here already."""
        here = self._connection
        while True:
            try:
                attached = await self._asker.request(f"user:{here.user}", self._hello)
            except UnavailableError as error:
                await pause(self.system.clock, (error.retry_ms or 1000) / 1000)
            except Refusal:
                return None
            else:
                assert isinstance(attached, Attached)
                return attached.mine

    def _hello(self, to: ReplyTo) -> Attach:
        here = self._connection
        return Attach(to, here.session, here.device, here.inst, here.attempt)

    async def _read_heads(self) -> None:
        """What may have been missed is in the logs: say how far they go."""
        here = self._connection
        try:
            heads = await all_heads(self._store, here.user)
        except StoreError as error:
            log.warning("heads_unread", user=here.user, error=repr(error))
            self._rejoin_soon({self._shard})
            return
        if heads:
            here.outbox.push(Behind(heads))

    # --- after the cluster changed --------------------------------------------------------------

    @property
    def _shard(self) -> int:
        return shard_of(self_log(self._connection.user))

    def _rejoin_soon(self, shards: Collection[int]) -> None:
        if self._moved is None:
            self._moved = set()
            self.after(self.system.chance.uniform(0, REJOIN_S), _Rejoin())
        self._moved.update(shards)

    def _rejoin(self) -> None:
        """Attach, and watch, again: at another node by now, or what was told has been lost."""
        moved, self._moved = self._moved or set(), None
        here, watched = self._connection, self._watched
        if self._shard in moved:
            self._attaching = self._asker.next_key()
            told = self._hello(ReplyTo(here.session, self._attaching))
            self._cluster.tell(f"user:{here.user}", told)
            # Until it is answered: the new home may not be ready, or the answer lost.
            self._rejoin_soon({self._shard})
        if watched is not None:
            self._look_at(
                [u for u in watched.users if shard_of(self_log(u)) in moved],
                [c for c in watched.convs if shard_of(c) in moved],
            )

    def _attached(self, result: object) -> Awaitable[None] | None:
        self._attaching = 0
        if self._moved is not None:
            self._moved.discard(self._shard)
        if isinstance(result, UnavailableError):
            self._rejoin_soon({self._shard})
            return None
        # A refusal: a newer connection of the device is there, and this one is shut out.
        return self._read_heads() if isinstance(result, Attached) else None

    # --- messages -------------------------------------------------------------------------------

    def on_receive(self, message: Any) -> Awaitable[None] | None:
        """A reply, an event for the screen, or a request of the client's."""
        match message:
            case Reply() if message.key == self._attaching:
                return self._attached(message.result)
            case Reply():
                return self._replied(message)
            case SendRequest() if message.conv is not None:
                conv = message.conv
                self._tell(message, f"conv:{conv}", lambda to: self._post(to, message, None))
            case CursorNotice():
                if is_conv_id(message.conv):
                    self._cluster.tell(
                        f"conv:{message.conv}",
                        MoveCursor(self._connection.user, message.what, message.seq),
                    )
            case TypingNotice():
                self._type(message.conv)
            case Delivery() | Receipts() | PresenceState() | Typing() | Behind():
                self._connection.outbox.push(message)
            case Moved():
                self._rejoin_soon(message.shards)
            case _Rejoin():
                self._rejoin()
            case ShutOut():
                self._connection.outbox.close(message.code, message.reason)
            case HistoryRequest():
                user = self._connection.user
                self._tell(message, f"conv:{message.conv}", lambda to: GrantReading(to, user))
            case DescribeRequest():
                user = self._connection.user
                self._tell(message, f"conv:{message.conv}", lambda to: Describe(to, user))
            case _Overdue():
                self._overdue()
            case SendRequest():
                return self._answering(message, self._send_to(message))
            case SyncRequest():
                return self._answering(message, self._sync(message))
            case WatchRequest():
                return self._answering(message, self._set_watch(message))
            case PresenceRequest():
                return self._answering(message, self._presence(message))
            case ChangeRequest():
                return self._answering(message, self._change(message))
            case CreateRequest():
                return self._answering(message, self._create(message))
            case ActRequest(cid=cid, prev=prev, act=act):
                me, device = self._connection.user, self._connection.device
                self._tell(message, f"user:{me}", lambda to: UserAct(to, device, cid, prev, act))
            case _:
                raise TypeError(f"a session knows no {type(message).__name__}")
        return None

    async def _answering(self, request: Request, work: Awaitable[None]) -> None:
        """Do it; a refusal, and a store that cannot just now, are answers."""
        outbox = self._connection.outbox
        try:
            await work
        except Refusal as refusal:
            outbox.answer(request.id, refusal)
        except StoreError:
            outbox.answer(request.id, UnavailableError())

    # --- what other actors answer ---------------------------------------------------------------

    def _tell(self, request: Request, target: str, make: Callable[[ReplyTo], Any]) -> None:
        outbox = self._connection.outbox
        if target.startswith("conv:") and not is_conv_id(target[5:]):
            outbox.answer(request.id, NotFoundError("There is no such conversation."))
            return
        key = self._asker.next_key()
        command = make(ReplyTo(self._connection.session, key))
        now = self.system.clock.monotonic()
        if self._pending is None:
            self._pending = {}
        self._pending[key] = Pending(request, target, command, now)
        if not self._cluster.tell(target, command):
            self._pending.pop(key, None)
            outbox.answer(request.id, UnavailableError())
        elif self._timer is None:
            self._timer = self.after(RETELL_S, _Overdue())

    def _replied(self, reply: Reply) -> Awaitable[None] | None:
        pending = self._pending.pop(reply.key, None) if self._pending else None
        if pending is None:
            return None  # answered already, or a predecessor's
        request, result = pending.request, reply.result
        match result:
            case Acked() if not isinstance(request, ChangeRequest):
                self._connection.outbox.answer(request.id, result)
            case Acked():
                self._connection.outbox.answer(request.id, Done())
            case Grant():
                assert isinstance(request, HistoryRequest)
                return self._answering(request, self._page(request, result))
            case Description():
                return self._answering(request, self._describe(request, result))
            case _:
                self._connection.outbox.answer(request.id, result)
        return None

    def _overdue(self) -> None:
        self._timer = None
        if not self._pending:
            self._pending = None
            return
        now = self.system.clock.monotonic()
        for key, pending in list(self._pending.items()):
            waited = now - pending.told_at
            if waited >= self._limits.request_timeout_s:
                del self._pending[key]
                self._connection.outbox.answer(pending.request.id, AskTimeoutError())
            elif waited >= RETELL_S and not pending.retold:
                pending.retold = True
                self._cluster.tell(pending.target, pending.command)
        if self._pending:
            self._timer = self.after(RETELL_S, _Overdue())

    # --- sends and groups -----------------------------------------------------------------------

    def _post(self, to: ReplyTo, request: SendRequest, person: UserId | None) -> Post:
        here = self._connection
        ids = (to, here.user, here.device, here.session)
        return Post(*ids, request.cid, request.prev, request.body, person)

    async def _send_to(self, request: SendRequest) -> None:
        person = request.to
        if person is None or person == self._connection.user:
            raise BadRequestError("Name a conversation, or somebody else.")
        await require_people(self._store, [person])
        conv = direct_id(self._connection.user, person)
        self._tell(request, f"conv:{conv}", lambda to: self._post(to, request, person))

    async def _change(self, request: ChangeRequest) -> None:
        if isinstance(request.change, Invite):
            await require_people(self._store, request.change.users)
        here = self._connection
        self._tell(
            request,
            f"conv:{request.conv}",
            lambda to: ChangeGroup(
                to, here.user, here.device, here.session, request.cid, request.prev, request.change
            ),
        )

    async def _create(self, request: CreateRequest) -> None:
        await require_people(self._store, request.members)
        here = self._connection
        self._tell(
            request,
            f"user:{here.user}",
            lambda to: CreateGroup(
                to,
                here.device,
                request.cid,
                request.prev,
                request.title,
                request.members,
                request.history,
            ),
        )

    # --- reading --------------------------------------------------------------------------------

    async def _page(self, request: HistoryRequest, grant: Grant) -> None:
        page = await read_page(self._store, self._limits, request, grant)
        self._connection.outbox.answer(request.id, page)

    async def _describe(self, request: Request, described: Description) -> None:
        named = await with_names(self._store, described)
        self._connection.outbox.answer(request.id, named)

    async def _sync(self, request: SyncRequest) -> None:
        here = self._connection
        # Who was put out a moment ago must not read on by a line that says otherwise.
        await self._asker.request(f"user:{here.user}", CatchUp)
        limit = self._limits.heads_page
        async for page in list_pages(self._store, here.user, here.device, request.lv, limit):
            here.outbox.answer(request.id, page, more=page.more)

    async def _presence(self, request: PresenceRequest) -> None:
        if len(request.users) > self._limits.watch_users:
            raise TooLargeError("That list", len(request.users), self._limits.watch_users, "people")
        await require_people(self._store, request.users)
        me = self._connection.user
        states = await asyncio.gather(
            *(
                self._asker.request(f"user:{user}", lambda to: AskPresence(to, me))
                for user in dict.fromkeys(request.users)
            ),
            return_exceptions=True,
        )
        self._connection.outbox.answer(
            request.id, PresenceAnswer([s for s in states if isinstance(s, PresenceState)])
        )

    def _type(self, conv: ConvId) -> None:
        pace = self._typing = self._typing or TypingPace()
        if is_conv_id(conv) and pace.allows(conv, self.system.clock.monotonic()):
            self._cluster.tell(f"conv:{conv}", TellTyping(self._connection.user))

    # --- watching -------------------------------------------------------------------------------

    async def _set_watch(self, request: WatchRequest) -> None:
        limits = self._limits
        if len(request.users) > limits.watch_users:
            raise TooLargeError("That list", len(request.users), limits.watch_users, "people")
        if len(request.convs) > limits.watch_convs:
            raise TooLargeError(
                "That list", len(request.convs), limits.watch_convs, "conversations"
            )
        await require_people(self._store, request.users)
        self._watch(request)
        self._connection.outbox.answer(request.id, Done())

    def _watch(self, request: WatchRequest) -> None:
        old = self._watched or WatchRequest(0, (), ())
        self._watched = request if request.users or request.convs else None
        here, tell = self._connection, self._cluster.tell
        for user in dict.fromkeys(old.users):
            if user not in request.users:
                tell(f"user:{user}", UnwatchUser(here.session))
        for conv in dict.fromkeys(old.convs):
            if conv not in request.convs:
                tell(f"conv:{conv}", UnwatchConv(here.session))
        self._look_at(request.users, request.convs)

    def _look_at(self, users: Iterable[UserId], convs: Iterable[ConvId]) -> None:
        here, tell = self._connection, self._cluster.tell
        for user in users:
            tell(f"user:{user}", WatchUser(here.user, here.session))
        for conv in convs:
            if is_conv_id(conv):
                tell(f"conv:{conv}", WatchConv(here.user, here.session))


__all__ = ["REJOIN_S", "RETELL_S", "SessionActor"]
