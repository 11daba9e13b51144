"""Who may see what: any order of requests of all kinds, against a small model of the rules."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.support.authority.machine import Authority

#: How many lives of a node `make authority` asks for; without it there is a short round, the same
#: in every run.
ROUNDS = int(os.environ.get("AUTHORITY_ROUNDS", "0"))

#: A round of these takes half a minute under coverage.
SHORT, STEPS = 60, 80


def test_nobody_gets_a_byte_too_much() -> None:
    run_state_machine_as_test(
        Authority,
        settings=settings(
            max_examples=ROUNDS or SHORT,
            stateful_step_count=STEPS,
            derandomize=not ROUNDS,
            print_blob=True,
            deadline=None,
            # A step is some dozen draws, and all of them are wanted.
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
