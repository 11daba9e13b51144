"""When heads are read again."""

from __future__ import annotations

from dataclasses import dataclass, field

from hubbub.actors.rereading import ReadHeads, Rereading
from hubbub.config.clock import Timer

SOON, LATER = ReadHeads(later=False), ReadHeads(later=True)


@dataclass
class Alarm:
    """One that was set."""

    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Alarms:
    """Those that were set: (after so many seconds, what is told then, the alarm)."""

    set: list[tuple[float, ReadHeads, Alarm]] = field(
        default_factory=list[tuple[float, ReadHeads, Alarm]]
    )

    def __call__(self, delay_s: float, told: ReadHeads) -> Timer:
        self.set.append((delay_s, told, Alarm()))
        return self.set[-1][2]


def test_what_is_asked_for_twice_is_read_once_soon() -> None:
    rereading = Rereading(alarms := Alarms())
    rereading.set(0.5, 0)
    rereading.set(0.7, 0)
    assert [(delay_s, told) for delay_s, told, _ in alarms.set] == [(0.5, SOON)]
    assert not rereading.rang(SOON)


def test_the_second_reading_is_counted_from_the_last_time_it_was_asked_for() -> None:
    rereading = Rereading(alarms := Alarms())
    rereading.set(0.5, 5)
    rereading.set(0.25, 5)
    assert [(delay_s, told, alarm.cancelled) for delay_s, told, alarm in alarms.set] == [
        (0.5, SOON, False),
        (5.5, LATER, True),
        (5.25, LATER, False),
    ]
    assert rereading.rang(SOON)
    assert not rereading.rang(LATER)


def test_a_second_reading_alone_takes_the_place_of_the_one_that_was_set() -> None:
    rereading = Rereading(alarms := Alarms())
    rereading.set(0.5, 5)
    rereading.set_later(7)
    assert [(delay_s, told, alarm.cancelled) for delay_s, told, alarm in alarms.set] == [
        (0.5, SOON, False),
        (5.5, LATER, True),
        (7, LATER, False),
    ]
