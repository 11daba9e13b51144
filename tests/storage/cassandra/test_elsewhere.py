"""What only reads is asked of another host; nothing else is, and nothing for ever."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from cassandra import ConsistencyLevel
from cassandra.connection import ConnectionShutdown
from cassandra.policies import RetryPolicy

from hubbub.storage.cassandra.elsewhere import MORE_HOSTS, AskElsewhere, Decision

ELSEWHERE = RetryPolicy.RETRY_NEXT_HOST, None
TELL = RetryPolicy.RETHROW, None

#: The driver's own ways to ask.
Ask = Callable[[AskElsewhere, Any, int], Decision]
LEVEL = ConsistencyLevel.LOCAL_QUORUM


def read_timeout(policy: AskElsewhere, query: Any, tries: int) -> Decision:
    return policy.on_read_timeout(
        query,
        consistency=LEVEL,
        required_responses=2,
        received_responses=1,
        data_retrieved=True,
        retry_num=tries,
    )


def write_timeout(policy: AskElsewhere, query: Any, tries: int) -> Decision:
    return policy.on_write_timeout(
        query,
        consistency=LEVEL,
        write_type=0,
        required_responses=2,
        received_responses=1,
        retry_num=tries,
    )


def unavailable(policy: AskElsewhere, query: Any, tries: int) -> Decision:
    return policy.on_unavailable(
        query, consistency=LEVEL, required_replicas=2, alive_replicas=1, retry_num=tries
    )


def broken(policy: AskElsewhere, query: Any, tries: int) -> Decision:
    return policy.on_request_error(query, LEVEL, error=ConnectionShutdown("x"), retry_num=tries)


@pytest.mark.parametrize("ask", [read_timeout, write_timeout, unavailable, broken])
def test_a_read_is_asked_of_the_other_hosts_and_a_write_of_none(ask: Ask) -> None:
    policy = AskElsewhere()
    read, write = SimpleNamespace(is_idempotent=True), SimpleNamespace(is_idempotent=False)
    assert [ask(policy, read, tries) for tries in range(MORE_HOSTS)] == [ELSEWHERE] * MORE_HOSTS
    assert ask(policy, read, MORE_HOSTS) == TELL
    assert ask(policy, write, 0) == TELL
