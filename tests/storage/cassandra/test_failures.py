"""What is known after the driver's failures."""

from __future__ import annotations

import pytest
from cassandra import (
    InvalidRequest,
    OperationTimedOut,
    ReadTimeout,
    Unauthorized,
    Unavailable,
    WriteTimeout,
)
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionShutdown
from cassandra.pool import NoConnectionsAvailable

from hubbub.config.errors import (
    OutcomeUnknownError,
    StoreError,
    StoreRefusedError,
    StoreRetryableError,
)
from hubbub.storage.cassandra.failures import of_read, told


def no_host(*errors: Exception) -> NoHostAvailable:
    return NoHostAvailable("nobody", dict(enumerate(errors)))


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (InvalidRequest("no such column"), StoreRefusedError),
        (Unauthorized("no"), StoreRefusedError),
        (Unavailable("two of three are down"), StoreRetryableError),
        (ReadTimeout("late"), StoreRetryableError),
        (NoConnectionsAvailable("full"), StoreRetryableError),
        (WriteTimeout("late", write_type=0), OutcomeUnknownError),
        (OperationTimedOut(), OutcomeUnknownError),
        (ConnectionShutdown("broken"), OutcomeUnknownError),
        (ValueError("a bare error of the server"), OutcomeUnknownError),
        (no_host(), StoreRetryableError),
        (no_host(NoConnectionsAvailable("down")), StoreRetryableError),
        (no_host(NoConnectionsAvailable("down"), ConnectionShutdown("x")), OutcomeUnknownError),
    ],
)
def test_a_failure_tells_what_is_known(failure: Exception, kind: type[StoreError]) -> None:
    assert type(told(failure)) is kind
    read = StoreRetryableError if kind is OutcomeUnknownError else kind
    assert type(of_read(failure)) is read


def test_what_is_known_already_stays() -> None:
    error = StoreRefusedError("no")
    assert told(error) is error
