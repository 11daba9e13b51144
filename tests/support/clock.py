"""A clock that only the test moves: the testkit's."""

from __future__ import annotations

from hubbub.testkit.clock import EPOCH_MS, ManualClock, ManualTimer

__all__ = ["EPOCH_MS", "ManualClock", "ManualTimer"]
