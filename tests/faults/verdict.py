"""Holds what devices were promised and saw against the logs, after a fault. Pure.

lost          acknowledged, and not on record there; or not with that content
doubled       on record more than once
reordered     a device's texts, or the time, in another order than they were handed in
hole          a seq that nothing stands at
from nowhere  on record, and nobody sent it
missing       on record, and a member's device has not got it
changed       a device saw something else than is on record
unanswered    handed in, and its fate is open; refused: for good, though it was honest
away          a device that did not come back
server        what a device says the server did and must not
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hubbub.testkit.simulation.checker import Findings, Violation

from .record import Record, Seen

#: What `Verdict.count` is asked for.
LOSSES = ("lost", "missing", "hole", "unanswered", "refused")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a load came to.

    Attributes:
        acked: Texts that were acknowledged, of those `handed_in`.
        again: Texts that had to be sent more than once.
        violations: What does not hold, with whom it is about.
    """

    devices: int
    conversations: int
    handed_in: int
    acked: int
    again: int
    violations: tuple[Violation, ...]

    @property
    def clean(self) -> bool:
        """Whether everything holds."""
        return not self.violations

    def count(self, *rules: str) -> int:
        """How many of these there are."""
        return sum(violation.rule in rules for violation in self.violations)


def judge(
    records: Sequence[Record],
    logs: Mapping[str, Sequence[tuple[int, Seen]]],
    members: Mapping[str, Iterable[str]],
) -> Verdict:
    """Hold everything against everything.

    Args:
        logs: {conversation: what the server shows of it, in its order}.
        members: {conversation: users}; each was there from its beginning, and is still.
    """
    findings = Findings()
    for c, shown in logs.items():
        _check_log(c, shown, findings)
    on_record = {c: dict(log) for c, log in logs.items()}
    _check_sources(records, on_record, findings)
    for record in records:
        _check_promises(record, on_record, findings)
        _check_device(record, findings)
        for c, log in on_record.items():
            if record.user in members[c]:
                _check_copy(record, c, log, findings)
    sent = [each for record in records for each in record.sent]
    return Verdict(
        devices=len(records),
        conversations=len(logs),
        handed_in=len(sent),
        acked=sum(each.fate == "acked" for each in sent),
        again=sum(each.tries > 1 for each in sent),
        violations=tuple(findings.found),
    )


def _check_log(c: str, log: Sequence[tuple[int, Seen]], findings: Findings) -> None:
    for place, (s, _) in enumerate(log, 1):
        if s != place:
            findings.add("hole", f"{c}: seq {s} stands at place {place} of {len(log)}", c)
            break  # all behind it are shifted too
    times = Counter((seen.line.device, seen.line.cid) for _, seen in log if seen.line.device)
    texts = Counter((seen.line.device, seen.text) for _, seen in log if seen.text is not None)
    for what, count in (*times.items(), *texts.items()):
        if count > 1:
            findings.add("doubled", f"{c}: {what} stands {count} times", c, what[0])
    newest, last = 0, defaultdict[str, int](int)
    for s, (line, _) in log:
        if line.ts < newest:
            findings.add("reordered", f"{c}: time goes back at {s}", c)
        newest = line.ts
        if line.device and line.cid < last[line.device]:
            says = f"{c}: {line.device} cid={line.cid} stands behind {last[line.device]}, at {s}"
            findings.add("reordered", says, c, line.device)
        last[line.device] = line.cid


def _check_sources(
    records: Sequence[Record], logs: Mapping[str, Mapping[int, Seen]], findings: Findings
) -> None:
    sent = {(each.c, r.device, each.cid, each.text) for r in records for each in r.sent}
    for c, log in logs.items():
        for s, (line, text) in log.items():
            if text is not None and (c, line.device, line.cid, text) not in sent:
                says = f"{c}: nobody sent {s} ({line.device} cid={line.cid})"
                findings.add("from nowhere", says, c, line.device)


def _check_promises(
    record: Record, logs: Mapping[str, Mapping[int, Seen]], findings: Findings
) -> None:
    last = defaultdict[str, int](int)
    for sent in record.sent:
        names = (sent.c, record.name, record.device)
        what = f"{record.name} {sent.c} cid={sent.cid}"
        if sent.fate == "open":
            findings.add("unanswered", f"{what} has no answer after {sent.tries} tries", *names)
        elif sent.fate != "acked":
            findings.add("refused", f"{what} was refused: {sent.code}", *names)
        else:
            found = logs.get(sent.c, {}).get(sent.seq)
            promised = (record.device, sent.cid, sent.ts, sent.text)
            if found is None or (*found.line[1:], found.text) != promised:
                says = f"{what} was acknowledged as {sent.seq}, where {_brief(found)} stands"
                findings.add("lost", says, *names)
            if sent.seq <= last[sent.c]:
                says = f"{what} stands at {sent.seq}, what was handed in before at {last[sent.c]}"
                findings.add("reordered", says, *names)
            last[sent.c] = sent.seq


def _check_device(record: Record, findings: Findings) -> None:
    if not record.back:
        findings.add("away", f"{record.name} did not come back", record.name, record.device)
    for complaint in record.complaints:
        findings.add("server", f"{record.name}: {complaint}", record.name, record.device)


def _check_copy(record: Record, c: str, log: Mapping[int, Seen], findings: Findings) -> None:
    seen = record.seen.get(c, {})
    names = (c, record.name, record.device)
    missing = [s for s in log if s not in seen]
    if missing:
        says = f"{record.name} lacks {c} {missing[:8]} of {len(log)}"
        findings.add("missing", says, *names)
    for s, what in seen.items():
        if s not in log:
            says = f"{record.name} saw {c} {s}, which is not on record: {_brief(what)}"
            findings.add("changed", says, *names)
        elif log[s] != what:
            says = f"{record.name} saw {c} {s} as {_brief(what)}; it is {_brief(log[s])}"
            findings.add("changed", says, *names)


def _brief(seen: Seen | None) -> str:
    return "nothing" if seen is None else f"{seen.line.device} cid={seen.line.cid} {seen.text!r}"


__all__ = ["LOSSES", "Verdict", "judge"]
