"""The actor of a device's connection: what it asked for, and what it has on its screen.

It is started onto a Connection that outlives it. A new one takes over: it attaches to the User,
reads the heads for what may have been missed, and does the requests not yet answered again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import structlog

from ..config.errors import (
    BadRequestError,
    Refusal,
    StoreError,
    TooLargeError,
    UnavailableError,
)
from ..config.ids import ConvId, UserId, direct_id, is_conv_id
from ..config.limits import Limits
from ..config.units import SECONDS
from ..storage.contract import Store
from .answers import (
    Acked,
    Behind,
    Delivery,
    Done,
    ListMoved,
    PresenceAnswer,
    PresenceState,
    Receipts,
    Typing,
)
from .asker import Asker
from .commands import (
    AskPresence,
    Attached,
    CatchUp,
    ChangeGroup,
    CreateGroup,
    Describe,
    Description,
    Detach,
    Grant,
    GrantReading,
    LookAgain,
    MoveCursor,
    Post,
    Reply,
    ReplyTo,
    ShutOut,
    TellTyping,
    UserAct,
)
from .heads import all_heads, list_pages
from .history import read_page
from .node_commands import Moved, Reread
from .people import require_people, with_names
from .ports import Cluster, Connection
from .rejoining import Rejoining, hello
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
from .roll_call import StillWatching
from .runtime.actor import LoopActor
from .typing_pace import TypingPace
from .under_way import UnderWay
from .waiting import pause
from .watching import Watching, check_watch

#: What was told to actors that have moved is told again within so many seconds: not all sessions
#: of a node at once.
REJOIN_S = 1 * SECONDS

log = structlog.get_logger(__name__)


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
        self._under_way: UnderWay | None = None
        self._watching: Watching | None = None
        self._typing: TypingPace | None = None
        self._rejoining: Rejoining | None = None

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
        if self._watching is not None:
            self._watching.watch(WatchRequest(0, (), ()))
        self._cluster.tell(f"user:{self._connection.user}", Detach(self._connection.session))

    async def _attach(self) -> int | None:
        """The device's last cid in its User; None when a newer connection is here already."""
        here = self._connection
        while True:
            try:
                attached = await self._asker.request(
                    f"user:{here.user}", lambda to: hello(here, to)
                )
            except UnavailableError as error:
                await pause(self.system.clock, (error.retry_ms or 1000) / 1000)
            except Refusal:
                return None
            else:
                assert isinstance(attached, Attached)
                return attached.mine

    async def _read_heads(self) -> None:
        """What may have been missed is in the logs: say how far they go."""
        here = self._connection
        try:
            heads = await all_heads(self._store, here.user)
        except StoreError as error:
            log.warning("heads_unread", user=here.user, error=repr(error))
            self.after(REJOIN_S, Reread())
            return
        if heads:
            here.outbox.push(Behind(heads))

    # --- after the cluster changed --------------------------------------------------------------

    def _moved(self, shards: Collection[int]) -> None:
        if self._rejoining is None:
            self._rejoining = Rejoining(
                self._connection,
                self._cluster,
                self._asker,
                lambda: self.after(self.system.chance.uniform(0, REJOIN_S), _Rejoin()),
            )
        self._rejoining.moved(shards)
        if self._under_way is not None:
            self._under_way.moved(shards)

    def _rejoin(self) -> None:
        moved = self._rejoining.go() if self._rejoining is not None else set[int]()
        if self._watching is not None:
            self._watching.again(moved)

    # --- messages -------------------------------------------------------------------------------

    def on_receive(self, message: Any) -> Awaitable[None] | None:
        """A reply, an event for the screen, or a request of the client's."""
        match message:
            case Reply() if self._rejoining is not None and self._rejoining.answered(message):
                attached = self._rejoining.attached(message.result)
                return self._read_heads() if attached else None
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
            case Delivery() | Receipts() | PresenceState() | Typing() | Behind() | ListMoved():
                self._connection.outbox.push(message)
            case Moved():
                self._moved(message.shards)
            case _Rejoin():
                self._rejoin()
            case Reread():
                return self._read_heads()
            case StillWatching() | LookAgain():
                self._screen().asked(message)
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
        if self._under_way is None:
            self._under_way = UnderWay(
                self._connection,
                self._cluster,
                self._asker,
                self.system.clock,
                self._limits,
                lambda delay_s: self.after(delay_s, _Overdue()),
            )
        self._under_way.tell(request, target, make)

    def _replied(self, reply: Reply) -> Awaitable[None] | None:
        request = self._under_way.take(reply) if self._under_way is not None else None
        if request is None:
            return None
        result = reply.result
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
        if self._under_way is not None and not self._under_way.look():
            self._under_way = None

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

    async def _set_watch(self, request: WatchRequest) -> None:
        check_watch(request, self._limits)
        await require_people(self._store, request.users)
        self._watch(request)
        self._connection.outbox.answer(request.id, Done())

    def _watch(self, request: WatchRequest) -> None:
        self._screen().watch(request)

    def _screen(self) -> Watching:
        watching = self._watching = self._watching or Watching(self._connection, self._cluster)
        return watching

    def _type(self, conv: ConvId) -> None:
        pace = self._typing = self._typing or TypingPace()
        if is_conv_id(conv) and pace.allows(conv, self.system.clock.monotonic()):
            self._cluster.tell(f"conv:{conv}", TellTyping(self._connection.user))


__all__ = ["REJOIN_S", "SessionActor"]
