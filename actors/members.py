"""Who is in a conversation, since when, and what each may do.

    owner    everything, and gives roles; giving "owner" away makes the giver an admin
    admin    invites, renames, kicks members
    member   speaks and leaves

A member sees from joining on, or everything where the group says so; one who left sees up to
leaving (invariant 9). When the owner goes, the longest-standing admin follows, else member.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..config.errors import BadRequestError, ConversationFullError, ForbiddenError, NotFoundError
from ..config.ids import ConvId, UserId, conversation_kind
from ..storage.records import Role
from .bodies import System
from .commands import ListChange
from .requests import Change, Invite, Kick, Leave, Rename, SetRole


@dataclass(slots=True)
class Member:
    """One who is, or was, in the conversation.

    Attributes:
        role: The role now, or the last one.
        spans: What the member may see: (first seq, last seq); the last one is open (None) while
            the member is here.
        changed: The seq of the last entry that changed this member's line in the own list.
        told: The seq of the last such entry that the member's User has taken in.
        kicked: The seq at which the member was last thrown out; 0 for never.
        recv, read: How far the member's devices received, and the member read.
    """

    role: Role
    spans: list[tuple[int, int | None]]
    changed: int
    told: int = 0
    kicked: int = 0
    recv: int = 0
    read: int = 0

    @property
    def here(self) -> bool:
        """Whether this one is a member now."""
        return self.spans[-1][1] is None


@dataclass(slots=True)
class Members:
    """Pure: entries in, who is changed out.

    Attributes:
        limit: The most who can be here at once.
        history: Whether newcomers see everything ("all") or from joining on ("joined").
    """

    limit: int
    history: Literal["joined", "all"] = "joined"
    title: str = ""
    #: {user: Member}: all and only those who are or were here, in the order of their first joining.
    by_user: dict[UserId, Member] = field(default_factory=dict[UserId, Member])

    def here(self) -> list[UserId]:
        """Who is a member now, in the order of joining."""
        return [user for user, member in self.by_user.items() if member.here]

    def require(self, user: UserId) -> Member:
        """The member, who must be here now.

        Raises:
            NotFoundError: Never was: a stranger does not learn that the conversation exists.
            ForbiddenError: Left.
        """
        member = self.by_user.get(user)
        if member is None:
            raise NotFoundError("There is no such conversation.")
        if not member.here:
            raise ForbiddenError("You are no longer in this conversation.")
        return member

    def check_company(self, kind: Literal["direct", "group"]) -> None:
        """Hold a text to its being for somebody: in a direct conversation the other person is here.

        Raises:
            ForbiddenError: There is nobody to talk to.
        """
        if kind == "direct" and len(self.here()) < 2:
            raise ForbiddenError("The other person's account was deleted.")

    def require_staff(self, user: UserId) -> None:
        """As `require`; and that the member is the owner or an admin."""
        self._require_staff(self.require(user))

    def check_link(self, user: UserId, made_at: int) -> None:
        """Hold somebody who is not here and has a link to the rules.

        Args:
            made_at: The head when the link was made. Who was thrown out after that needs a newer
                one: else a link would undo every kick.

        Raises:
            ForbiddenError, ConversationFullError: See above.
        """
        known = self.by_user.get(user)
        if known is not None and known.kicked > made_at:
            raise ForbiddenError("You were removed from this group: ask for a new link.")
        self.check_room(1)

    def spans(self, user: UserId, head: int) -> tuple[tuple[int, int], ...]:
        """What a user may read when the log's tip is `head`; in order.

        Raises:
            NotFoundError: The user never was a member.
        """
        member = self.by_user.get(user)
        if member is None:
            raise NotFoundError("There is no such conversation.")
        spans = ((first, head if last is None else last) for first, last in member.spans)
        return tuple((first, min(last, head)) for first, last in spans if first <= head)

    def line(self, conv: ConvId, user: UserId) -> ListChange:
        """The line of a member's own list, as it is now."""
        member = self.by_user[user]
        kind = conversation_kind(conv)
        peer = next((u for u in self.by_user if u != user), None) if kind == "direct" else None
        first, last = member.spans[-1]
        return ListChange(conv, member.changed, kind, self.title, member.role, peer, first, last)

    def sheet(self) -> dict[UserId, tuple[Role, int, int]]:
        """{user: (role, recv, read)} of those who are here."""
        return {u: (m.role, m.recv, m.read) for u, m in self.by_user.items() if m.here}

    def check(self, user: UserId, change: Change) -> None:
        """Hold a change to the rules.

        Raises:
            NotFoundError, ForbiddenError: Who asks is no member, or may not.
            BadRequestError: It makes no sense: inviting a member, kicking a stranger.
            ConversationFullError: There is no room.
        """
        me = self.require(user)
        match change:
            case Leave():
                pass
            case Rename():
                self._require_staff(me)
            case Invite(users=users):
                self._require_staff(me)
                self._distinct(users)
                for other in users:
                    found = self.by_user.get(other)
                    if found is not None and found.here:
                        raise BadRequestError("Somebody of these is a member already.")
                self.check_room(len(users))
            case Kick(users=users):
                self._require_staff(me)
                self._distinct(users)
                for other in users:
                    found = self.by_user.get(other)
                    if found is None or not found.here:
                        raise BadRequestError("Somebody of these is not a member.")
                    if other == user:
                        raise BadRequestError("To go yourself, leave.")
                    if found.role == "owner" or (found.role == "admin" and me.role != "owner"):
                        raise ForbiddenError("Only the owner can remove an admin.")
            case SetRole(user=other):
                if me.role != "owner":
                    raise ForbiddenError("Only the owner gives roles.")
                found = self.by_user.get(other)
                if found is None or not found.here:
                    raise BadRequestError("That person is not a member.")
                if other == user:
                    raise BadRequestError("To step down, make somebody else the owner.")

    def check_room(self, newcomers: int) -> None:
        """Raises ConversationFullError: there is no room for so many more."""
        if len(self.here()) + newcomers > self.limit:
            raise ConversationFullError(self.limit)

    def apply(self, entry: System, sender: UserId, seq: int) -> list[UserId]:
        """Take an entry of the log in.

        Returns: the users whose line in their own list it changes, in order of joining.
        """
        changed: set[UserId] = set()
        match entry.ev:
            case "created":
                self.history, self.title = entry.history, entry.title or ""
                for user in entry.users:
                    self._join(user, seq, "owner" if user == sender else "member")
                changed.update(entry.users)
            case "joined":
                for user in entry.users:
                    self._join(user, seq, "member")
                changed.update(entry.users)
            case "left" | "kicked":
                leaderless = False
                for user in entry.users:
                    member = self.by_user[user]
                    leaderless = leaderless or member.role == "owner"
                    if entry.ev == "kicked":
                        member.kicked = seq
                    member.spans[-1] = (member.spans[-1][0], seq)
                    member.role = "member"
                changed.update(entry.users)
                if leaderless:
                    changed.update(self._succeed())
            case "role":
                (user,) = entry.users
                assert entry.role is not None
                self.by_user[user].role = entry.role
                changed.add(user)
                if entry.role == "owner":
                    self.by_user[sender].role = "admin"
                    changed.add(sender)
            case "renamed":
                self.title = entry.title or ""
                changed.update(self.here())
        for user in changed:
            self.by_user[user].changed = seq
        return [user for user in self.by_user if user in changed]

    def _join(self, user: UserId, seq: int, role: Role) -> None:
        first = 1 if self.history == "all" else seq
        member = self.by_user.pop(user, None)
        if member is None:
            self.by_user[user] = Member(role, [(first, None)], seq, recv=first - 1, read=first - 1)
            return
        # Who comes back stands last in the order of joining, and sees the earlier spans too.
        self.by_user[user] = member
        member.role = role
        # As the row in the own list: what was said meanwhile does not count as unread.
        member.recv, member.read = max(member.recv, first - 1), max(member.read, first - 1)
        if first == 1:
            member.spans = [(1, None)]
        else:
            member.spans.append((first, None))

    def _succeed(self) -> list[UserId]:
        here = self.here()
        if not here:
            return []
        heir = next((user for user in here if self.by_user[user].role == "admin"), here[0])
        self.by_user[heir].role = "owner"
        return [heir]

    @staticmethod
    def _require_staff(member: Member) -> None:
        if member.role == "member":
            raise ForbiddenError("Only the owner and admins can do that.")

    @staticmethod
    def _distinct(users: tuple[UserId, ...]) -> None:
        if not users or len(set(users)) != len(users):
            raise BadRequestError("Name each person once, and at least one.")


def entry_of(user: UserId, change: Change) -> System:
    """The entry that a user's change makes: what was asked for, so a repeat is known by it."""
    match change:
        case Leave():
            return System("left", (user,))
        case Rename(title=title):
            return System("renamed", (), title=title)
        case Invite(users=users):
            return System("joined", users)
        case Kick(users=users):
            return System("kicked", users)
        case SetRole(user=other, role=role):
            return System("role", (other,), role=role)


__all__ = ["Member", "Members", "entry_of"]
