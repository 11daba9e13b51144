"""`run_node.py`, in a process that can be hurt from outside where only it can do it to itself.

SIGUSR1   its loop does not turn for HURT_BLOCK_S; its other threads go on
SIGUSR2   its wall clock is wrong by HURT_CLOCK_S from now on; once more: right again

HURT_PLANT names a fault of `testkit.simulation.mutations` that is planted in it: so a run is tried.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
RUN_NODE = ROOT / "run_node.py"
PLANT = os.environ.get("HURT_PLANT", "")

BLOCK_S = float(os.environ["HURT_BLOCK_S"])
CLOCK_NS = int(float(os.environ["HURT_CLOCK_S"]) * 1e9)

_right_ns = time.time_ns
_off_ns = 0


def block(_signal: int, _frame: FrameType | None) -> None:
    """A handler runs on the main thread, which is the loop's."""
    time.sleep(BLOCK_S)


def turn_clock(_signal: int, _frame: FrameType | None) -> None:
    global _off_ns
    _off_ns = 0 if _off_ns else CLOCK_NS


def wrong_ns() -> int:
    return _right_ns() + _off_ns


def wrong_s() -> float:
    return wrong_ns() / 1e9


def run() -> None:
    sys.argv[0] = str(RUN_NODE)
    runpy.run_path(str(RUN_NODE), run_name="__main__")


def run_planted(name: str) -> None:
    # As run_node does for itself, so that there is one copy of every class.
    sys.path[0] = str(ROOT / "src")
    from hubbub.testkit.simulation.mutations import MUTATIONS, planted

    (mutation,) = [each for each in MUTATIONS if each.name == name]
    with planted(mutation):
        run()


if __name__ == "__main__":
    time.time_ns, time.time = wrong_ns, wrong_s
    signal.signal(signal.SIGUSR1, block)
    signal.signal(signal.SIGUSR2, turn_clock)
    if PLANT:
        run_planted(PLANT)
    else:
        run()
