"""What happened."""

from __future__ import annotations

from hubbub.testkit.simulation.trace import Trace


def test_a_story_has_what_concerns_a_name_and_every_fault() -> None:
    trace = Trace()
    trace.note(1.0, "u1d1", "sends", "g_a")
    trace.note(2.0, "u2d1", "sends", "g_b")
    trace.note(3.0, "world", "crash", "n1")
    assert [line.split()[1] for line in trace.story("g_a")] == ["u1d1", "world"]
    assert [line.split()[1] for line in trace.story("u2d1")] == ["u2d1", "world"]


def test_a_long_story_keeps_its_beginning_and_its_end() -> None:
    trace = Trace()
    for n in range(100):
        trace.note(n, "u1d1", "msg", n)
    story = trace.story("u1d1", most=20)
    assert len(story) == 21
    assert story[5] == "... 80 lines ..."
    assert story[0].endswith(" 0") and story[-1].endswith(" 99")


def test_one_event_more_is_another_digest() -> None:
    trace, same = Trace(), Trace()
    for each in (trace, same):
        each.note(1.0, "a", "b")
    assert trace.digest() == same.digest()
    same.note(1.0, "a", "c")
    assert trace.digest() != same.digest()
