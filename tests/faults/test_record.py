"""A device's record has what it was promised and what it saw."""

from __future__ import annotations

from tests.testkit.simulation.puppet import CONV, Puppet, head, msg, with_puppet

from hubbub.testkit.simulation.copy import Line

from .record import Record, Seen, Sent, log_of, record_of


def test_a_record_tells_what_was_acknowledged_and_what_came() -> None:
    records: list[Record] = []

    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        puppet.text("mine")
        puppet.text("waits")
        wire.say(msg(1, "theirs"))
        first = next(frame for frame in wire.sent if frame["t"] == "send")
        wire.say(
            {"t": "ack", "re": first["id"], "c": CONV, "cid": 1, "s": 2, "ts": 9, "dup": False}
        )
        records.append(record_of(puppet.client, ("came",)))

    with_puppet(work)
    assert records == [
        Record(
            name="u1d1",
            user="u_me",
            device="v_me",
            back=True,
            welcomes=1,
            sent=(
                Sent(CONV, "mine", 1, tries=1, fate="acked", seq=2, ts=9),
                Sent(CONV, "waits", 2, tries=1, fate="open"),
            ),
            seen={
                CONV: {
                    1: Seen(Line("u_b", "v_b", 1, 1), "theirs"),
                    2: Seen(Line("u_me", "v_me", 1, 9), "mine"),
                }
            },
            story=("came",),
        )
    ]


def test_a_device_that_is_away_and_complains_says_so() -> None:
    records: list[Record] = []

    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        wire.say(msg(1, "one"), msg(1, "one", dev="v_other"))
        puppet.client.ended(wire, 4400)
        records.append(record_of(puppet.client))

    with_puppet(work)
    (record,) = records
    assert not record.back
    pushed, closed, changed = record.complaints
    assert "pushed twice" in pushed
    assert "closed with 4400" in closed
    assert "and is now" in changed


def test_a_log_is_what_pages_showed_in_their_order() -> None:
    founded = {**msg(1), "b": {"k": "system", "ev": "created"}}
    assert log_of([msg(2, "two"), founded]) == [
        (2, Seen(Line("u_b", "v_b", 2, 2), "two")),
        (1, Seen(Line("u_b", "v_b", 1, 1), None)),
    ]
