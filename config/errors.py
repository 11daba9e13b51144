"""The one tree of errors.

    HubbubError
      Refusal                 the caller's doing: an answer, never a crash; has a wire code
        BadRequestError  UnauthenticatedError  ForbiddenError  BlockedError  NotFoundError
        TooLargeError  ConversationFullError  RateLimitedError  NameTakenError
        ResendError  CidOldError  CidUsedError  UnsupportedError
        UnavailableError      the world's doing, said to the caller: retry with the same cid
          MailboxFullError    a bounded mailbox had no room
          AskTimeoutError     nobody answered in time
        InternalError         our doing, said to the caller: do not retry
        ChildError            a supervisor cannot do what was asked of it
          BadSpecError        the spec contradicts itself, or its supervisor
          ChildNotFoundError  there is no child of this name
          AlreadyStartedError  AlreadyPresentError   this name has a child, or a spec, already
          ChildRunningError  ChildRestartingError   first terminate it
          ChildStartError     it was tried, and the child did not start
      StoreError              the store's doing
        StoreRefusedError     it did not happen and will not (stale epoch, wrong seq)
          StaleEpochError  SeqMismatchError  OwnedError  LowerViewError  SealedError
        StoreRetryableError   it did not happen, later it may (disk full)
          UnsettledError      a log's end, which only its owner can tell
        OutcomeUnknownError   it may have happened: repeat the very same rows or claim anew
        SchemaError           the schema is newer than this program, or broken
      StartError              a node cannot start: one clear line for the operator
      VersionGapError         two nodes are too far apart to talk: upgrade through what lies between
      ActorKilledError        an actor was ended by force
      NoProcError             nobody was there to be monitored, or linked to
      GaveUpError             a supervisor gave up: a child crashed too often

A refusal says who, what and how much in its fields; `text` is for people, `code` for programs.
"""

from __future__ import annotations

from typing import ClassVar


class HubbubError(Exception):
    """The root: anything Hubbub raises on purpose."""


class Refusal(HubbubError):
    """An answer to a caller who asked for what cannot be.

    Attributes:
        code: The wire code (protocol, item 12).
        text: One sentence for a person.
        retry_ms: When to try again, in ms; None means not by itself.
        last: The device's last accepted cid, for the cid family of codes.
    """

    code: ClassVar[str] = "bad_request"
    temporary: ClassVar[bool] = False

    def __init__(self, text: str, *, retry_ms: int | None = None, last: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.retry_ms = retry_ms
        self.last = last


class BadRequestError(Refusal):
    """The request itself is wrong."""

    code = "bad_request"


class UnauthenticatedError(Refusal):
    """Nobody vouches for this caller: sign in."""

    code = "unauthenticated"


class ForbiddenError(Refusal):
    """The caller is known and may not."""

    code = "forbidden"


class BlockedError(Refusal):
    """The other person does not take messages from the caller."""

    code = "blocked"


class NotFoundError(Refusal):
    """There is nothing of that name, or nothing the caller may know of."""

    code = "not_found"


class TooLargeError(Refusal):
    """Something is over a limit; the text names the limit.

    Attributes:
        limit: The limit, in the unit the text names.
        size: What was asked for, in the same unit.
    """

    code = "too_large"

    def __init__(self, what: str, size: int, limit: int, unit: str = "characters") -> None:
        super().__init__(f"{what} is too long: {size:,} of {limit:,} {unit}.")
        self.size = size
        self.limit = limit


class ConversationFullError(Refusal):
    """A conversation has no room for another member."""

    code = "conversation_full"

    def __init__(self, limit: int) -> None:
        super().__init__(f"This group is full: it can have {limit} members.")
        self.limit = limit


class RateLimitedError(Refusal):
    """Too often: `retry_ms` says when again."""

    code = "rate_limited"
    temporary = True


class NameTakenError(Refusal):
    """Somebody has this name already (HTTP 409)."""

    code = "name_taken"


class ResendError(Refusal):
    """A send came out of its device's order: go back to the oldest after `last`."""

    code = "resend"
    temporary = True

    def __init__(self, last: int) -> None:
        super().__init__(f"Send again from the first after {last}.", last=last)


class CidOldError(Refusal):
    """This cid is below what this device used and was never committed: take a fresh one."""

    code = "cid_old"

    def __init__(self, last: int) -> None:
        super().__init__(
            f"That cid is below {last} and was never used: take a fresh one.", last=last
        )


class CidUsedError(Refusal):
    """This cid already names another content: take a fresh one."""

    code = "cid_used"

    def __init__(self, last: int) -> None:
        super().__init__("That cid already names another content: take a fresh one.", last=last)


class UnsupportedError(Refusal):
    """This server does not do that."""

    code = "unsupported"


class UnavailableError(Refusal):
    """Not now: retry with the same cid."""

    code = "unavailable"
    temporary = True

    def __init__(
        self, text: str = "Not possible just now; try again.", retry_ms: int = 1000
    ) -> None:
        super().__init__(text, retry_ms=retry_ms)


class MailboxFullError(UnavailableError):
    """A bounded mailbox had no room.

    Attributes:
        limit: How many messages it holds.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"Too busy: {limit} messages are waiting already.")
        self.limit = limit


class AskTimeoutError(UnavailableError):
    """Nobody answered in time; whether it happened is not known, a retry tells."""

    def __init__(self) -> None:
        super().__init__("No answer in time; try again.")


class InternalError(Refusal):
    """Our fault; trying again would fail again."""

    code = "internal"

    def __init__(self, text: str = "Something broke here; this request was not done.") -> None:
        super().__init__(text)


class ChildError(Refusal):
    """A supervisor cannot do what was asked of it; nothing changed.

    Attributes:
        child: The child's name.
    """

    says: ClassVar[str] = "This supervisor cannot do that to {child}."

    def __init__(self, child: str) -> None:
        super().__init__(self.says.format(child=child))
        self.child = child


class BadSpecError(ChildError):
    """A spec contradicts itself, or its supervisor."""

    def __init__(self, child: str, why: str) -> None:
        super().__init__(child)
        self.text = f"The spec of {child} cannot be: {why}."
        self.args = (self.text,)


class ChildNotFoundError(ChildError):
    """There is no child of this name, up or down."""

    code = "not_found"
    says = "There is no child {child}."


class AlreadyStartedError(ChildError):
    """A child of this name is up, or on its way."""

    says = "{child} is started already."


class AlreadyPresentError(ChildError):
    """The spec of a child of this name is here, and the child is down: restart or delete it."""

    says = "{child} is here already, and is down."


class ChildRunningError(ChildError):
    """The child is up: terminate it first."""

    says = "{child} is running."


class ChildRestartingError(ChildError):
    """The child crashed and is on its way back: terminate it first."""

    says = "{child} is restarting."


class ChildStartError(ChildError):
    """The child did not start; the cause says why."""

    says = "{child} did not start."


class StoreError(HubbubError):
    """The store's doing."""


class StoreRefusedError(StoreError):
    """It did not happen and never will as asked."""


class StaleEpochError(StoreRefusedError):
    """The writer is no longer the owner.

    Attributes:
        epoch: The epoch it wrote under.
        current: The epoch in force.
    """

    def __init__(self, epoch: int, current: int) -> None:
        super().__init__(f"epoch {epoch} is over: {current} is in force")
        self.epoch = epoch
        self.current = current


class SeqMismatchError(StoreRefusedError):
    """Rows do not continue the log.

    Attributes:
        seq: The first seq offered.
        expected: The seq that would continue the log.
    """

    def __init__(self, seq: int, expected: int) -> None:
        super().__init__(f"seq {seq} does not continue the log, {expected} would")
        self.seq = seq
        self.expected = expected


class OwnedError(StoreRefusedError):
    """Another owner has the shard, and has neither released it nor been sealed.

    Attributes:
        owner: Its incarnation.
    """

    def __init__(self, shard: int, owner: str) -> None:
        super().__init__(f"shard {shard} is owned by {owner}")
        self.shard = shard
        self.owner = owner


class LowerViewError(StoreRefusedError):
    """A shard was claimed under a higher view before."""

    def __init__(self, view: tuple[int, int], claimed: tuple[int, int]) -> None:
        super().__init__(f"view {view} is below {claimed}, of the last claim")
        self.view = view
        self.claimed = claimed


class SealedError(StoreRefusedError):
    """This owner was sealed: it owns nothing any more, and claims nothing."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"the owner {owner} is sealed")
        self.owner = owner


class StoreRetryableError(StoreError):
    """It did not happen; it may once the world is better (disk full, busy)."""


class UnsettledError(StoreRetryableError):
    """What stands at a log's end may count or not, until its owner takes it up: wake it.

    Attributes:
        conv: The log.
    """

    def __init__(self, conv: str) -> None:
        super().__init__(f"the end of {conv} waits for its owner")
        self.conv = conv


class OutcomeUnknownError(StoreError):
    """It may or may not have happened."""


class SchemaError(StoreError):
    """The schema in the data is not one this program can use."""


class StartError(HubbubError):
    """A node cannot start. Its text is the one line the operator reads."""


class VersionGapError(HubbubError):
    """Two nodes share no version of envelopes, so that one of them cannot join.

    Attributes:
        node, speaks: Who was refused, and the newest version it speaks.
        other, other_speaks: Who is in already.
    """

    def __init__(self, node: str, speaks: int, other: str, other_speaks: int) -> None:
        super().__init__(
            f"{node} speaks envelopes of version {speaks}, and {other} of {other_speaks}: "
            "upgrade one version at a time"
        )
        self.node = node
        self.speaks = speaks
        self.other = other
        self.other_speaks = other_speaks


class ActorKilledError(HubbubError):
    """An actor was ended by force, whatever it was doing."""


class NoProcError(HubbubError):
    """Nobody was there to be monitored, or linked to.

    Attributes:
        name: Of the actor that was meant.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no actor {name}")
        self.name = name


class GaveUpError(HubbubError):
    """A supervisor gave up, so that its own parent decides.

    Attributes:
        supervisor, child: Their names.
    """

    def __init__(self, supervisor: str, child: str, why: str) -> None:
        super().__init__(f"{supervisor} gave up {child}: {why}")
        self.supervisor = supervisor
        self.child = child


__all__ = [
    "ActorKilledError",
    "AlreadyPresentError",
    "AlreadyStartedError",
    "AskTimeoutError",
    "BadRequestError",
    "BadSpecError",
    "BlockedError",
    "ChildError",
    "ChildNotFoundError",
    "ChildRestartingError",
    "ChildRunningError",
    "ChildStartError",
    "CidOldError",
    "CidUsedError",
    "ConversationFullError",
    "ForbiddenError",
    "GaveUpError",
    "HubbubError",
    "InternalError",
    "LowerViewError",
    "MailboxFullError",
    "NameTakenError",
    "NoProcError",
    "NotFoundError",
    "OutcomeUnknownError",
    "OwnedError",
    "RateLimitedError",
    "Refusal",
    "ResendError",
    "SchemaError",
    "SealedError",
    "SeqMismatchError",
    "StaleEpochError",
    "StartError",
    "StoreError",
    "StoreRefusedError",
    "StoreRetryableError",
    "TooLargeError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnsettledError",
    "UnsupportedError",
    "VersionGapError",
]
