"""The logs of a ring against the model that all stores are held to, driven by Hypothesis."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.contract import Store

from ..test_contract import Logs


class CassandraLogs(Logs):
    """Owners that append, project, claim, reopen; right ones and wrong ones."""

    ring: ClassVar[Ring]

    def make(self, path: Path) -> Store:
        self.ring.empty()
        return CassandraStore(self.ring.options, Tasks().start)


def test_a_ring_agrees_with_the_model(one_node: Ring) -> None:
    class Machine(CassandraLogs):
        ring = one_node

    short = settings(
        max_examples=8,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(Machine, settings=short)
