"""What a failing seed says: the command that replays it, what does not hold, and why, in short."""

from __future__ import annotations

from .run import Outcome

#: Violations that are told with their story; the others are only named.
MOST_STORIES = 2
MOST_NAMED = 12


def report(outcome: Outcome, *, most: int = 80) -> str:
    """A few screens at most.

    Args:
        most: Lines of each story.
    """
    lines = [
        f"seed {outcome.seed} fails; replay it with:  make simulate SEED={outcome.seed}"
        f' ARGS="--kind {outcome.kind}"',
        f"  {outcome.requests} requests, {outcome.acks} acks, {outcome.faults} faults,"
        f" {outcome.end_s:.0f} s, trace {outcome.trace.digest()}",
    ]
    if outcome.error:
        lines.append(f"  the run broke off: {outcome.error}")
        lines += [f"    {line}" for line in outcome.trace.lines()[-most:]]
    for violation in outcome.violations[:MOST_NAMED]:
        lines.append(f"  {str(violation)[:600]}")
    if len(outcome.violations) > MOST_NAMED:
        lines.append(f"  ... and {len(outcome.violations) - MOST_NAMED} more")
    told: set[str] = set()
    for violation in outcome.violations:
        if len(told) < MOST_STORIES and violation.rule not in told:
            told.add(violation.rule)
            lines.append(f"  the story of [{violation.rule}]:")
            story = outcome.trace.story(*violation.names, most=most)
            lines += [f"    {line[:240]}" for line in story]
    return "\n".join(lines)


def summary(outcome: Outcome, cpu_s: float) -> str:
    """One line."""
    word = "fails" if outcome.failed else "holds"
    return (
        f"seed {outcome.seed} ({outcome.kind}) {word}: {outcome.requests} requests,"
        f" {outcome.acks} acks, {outcome.faults} faults, {outcome.end_s:.0f} virtual s,"
        f" {cpu_s:.2f} s CPU"
    )


__all__ = ["MOST_NAMED", "MOST_STORIES", "report", "summary"]
