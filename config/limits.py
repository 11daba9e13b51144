"""Every limit of the service, in one value; the refusal that a limit causes names it."""

from __future__ import annotations

from dataclasses import dataclass

from .units import KIB, MIB, SECONDS


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes and counts; what a client needs to know of them goes out with `welcome`.

    Attributes:
        text_chars, text_bytes: One text, in code points and in UTF-8 bytes.
        title_chars: A group's title, in code points.
        members: People in one group.
        devices: Signed-in devices of one user.
        page_items, page_bytes: One page of history; always at least one message.
        heads_page: Lines of the list in one frame.
        watch_users, watch_convs: What one device can watch at once.
        unacked: Sends of one device in one conversation that wait for their commit.
        frame_bytes: One WebSocket message.
        out_frames, out_bytes: What may wait for one socket before it collapses into `behind`.
        requests: Unanswered requests of one connection before the edge stops reading.
        rate_per_s, rate_burst: Frames from one connection; 0 lifts the rate, never the sizes.
        snapshot_every: Entries between two snapshots of an active conversation.
        mailbox: Messages that wait for one actor.
        presence_push_limit: Members of the largest conversation whose members are told at once when
            one comes or goes; in larger ones they ask.
        presence_grace_s: From the last connection's end to "offline".
        request_timeout_s: How long a Session waits for an answer before it says `unavailable`.
        idle_s: How long an actor without work stays in memory.
        receipts_every_s: The shortest time between two receipt maps of a conversation.
    """

    text_chars: int = 100_000
    text_bytes: int = 400_000
    title_chars: int = 100
    members: int = 100
    devices: int = 10
    page_items: int = 200
    page_bytes: int = 256 * KIB
    heads_page: int = 200
    watch_users: int = 200
    watch_convs: int = 8
    unacked: int = 16
    frame_bytes: int = 3 * MIB // 2
    out_frames: int = 256
    out_bytes: int = 1 * MIB
    requests: int = 256
    rate_per_s: float = 20
    rate_burst: int = 40
    snapshot_every: int = 256
    mailbox: int = 1000
    presence_push_limit: int = 50
    presence_grace_s: float = 30 * SECONDS
    request_timeout_s: float = 10 * SECONDS
    idle_s: float = 60 * SECONDS
    receipts_every_s: float = 1 * SECONDS


__all__ = ["Limits"]
