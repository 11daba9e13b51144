"""Holds the server's logs against what its clients were promised and saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from .honest_client import HonestClient
from .log_copy import Line, body_of
from .ws_client import Frame


def check_log(c: str, msgs: list[Frame]) -> dict[int, Line]:
    """A whole log, as `hist` gave it: contiguous from 1, time never goes back, each send once."""
    seqs = [m["s"] for m in msgs]
    assert seqs == list(range(1, len(msgs) + 1)), f"{c}: seqs are not 1 to {len(msgs)}: {seqs}"
    times = [m["ts"] for m in msgs]
    assert times == sorted(times), f"{c}: time goes back"
    sends = Counter((m["dev"], m["cid"]) for m in msgs if m["dev"])
    twice = [key for key, times in sends.items() if times > 1]
    assert not twice, f"{c}: committed twice: {twice}"
    last: dict[str, int] = {}
    for m in msgs:
        if m["dev"]:
            assert m["cid"] > last.get(m["dev"], 0), f"{c}: {m['dev']} is out of its order at {m}"
            last[m["dev"]] = m["cid"]
    return {m["s"]: Line.of(m) for m in msgs}


def check_clients(clients: Iterable[HonestClient], logs: Mapping[str, dict[int, Line]]) -> int:
    """Every promise to these clients was kept, and they saw exactly what is in the logs.

    Args:
        logs: {conversation: what `check_log` gave}, all that the clients are in.

    Returns: how many acknowledged sends were checked.
    """
    checked = 0
    for client in clients:
        me = client.person
        assert not client.faults, f"{me.name}: {client.faults[:5]}"
        for where, chain in client.chains.items():
            assert not chain.waiting, f"{me.name}: {len(chain.waiting)} sends to {where} are open"
            for sent in chain.done:
                assert sent.ack is not None, f"{me.name}: {sent}"
                c, s, ts = sent.ack
                found = logs[c].get(s)
                mine = Line(me.user, me.device, sent.cid, ts, body_of(sent.body))
                assert found == mine, f"{me.name}: {c} {s} was promised as {mine}, is {found}"
                checked += 1
        for c, copy in client.logs.items():
            assert copy.lines == logs[c], f"{me.name}: {difference(c, copy.lines, logs[c])}"
    committed = Counter(
        (line.device, c) for c, lines in logs.items() for line in lines.values() if line.device
    )
    promised = Counter(
        (client.person.device, sent.ack[0])
        for client in clients
        for chain in client.chains.values()
        for sent in chain.done
        if sent.ack is not None
    )
    assert committed == promised, "something was committed that nobody sent, or not at all"
    return checked


def difference(c: str, seen: dict[int, Line], logged: dict[int, Line]) -> str:
    """Where a client's copy differs from the log."""
    missed = sorted(set(logged) - set(seen))
    extra = sorted(set(seen) - set(logged))
    other = sorted(s for s in set(seen) & set(logged) if seen[s] != logged[s])
    return f"{c}: missed {missed[:10]}, has too many {extra[:10]}, has others {other[:10]}"


__all__ = ["check_clients", "check_log", "difference"]
