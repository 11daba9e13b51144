"""What is known after a request failed, told in the store's own errors."""

from __future__ import annotations

from cassandra import (
    AlreadyExists,
    AuthenticationFailed,
    InvalidRequest,
    ReadFailure,
    ReadTimeout,
    Unauthorized,
    Unavailable,
)
from cassandra.cluster import NoHostAvailable
from cassandra.pool import NoConnectionsAvailable
from cassandra.protocol import IsBootstrappingErrorMessage, SyntaxException

from ...config.errors import OutcomeUnknownError, StoreError, StoreRefusedError, StoreRetryableError

#: The server looked at the request, and will never do it.
_REFUSED = (InvalidRequest, Unauthorized, AuthenticationFailed, AlreadyExists, SyntaxException)
#: Nothing was begun. A timeout is not among them, for what was sent may surface later; nor is an
#: overload, which a host may notice after it has passed on the first copies.
_NOT_BEGUN = (
    Unavailable,
    NoConnectionsAvailable,
    IsBootstrappingErrorMessage,
    ReadTimeout,
    ReadFailure,
)


def told(error: BaseException) -> StoreError:
    """The driver's failure as what is known of the request's outcome.

    Everything that is not known to be harmless is an unknown outcome: a conditional write that lost
    its way arrives as a bare error message, a broken connection as one of several kinds.
    """
    text = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
    match error:
        case StoreError():
            return error
        case _ if isinstance(error, _REFUSED):
            return StoreRefusedError(text)
        case _ if isinstance(error, _NOT_BEGUN):
            return StoreRetryableError(text)
        case NoHostAvailable():
            # What each host answered; a host that was never asked is not in it.
            answers = [told(each) for each in error.errors.values()]
            begun = [each for each in answers if not isinstance(each, StoreRetryableError)]
            return OutcomeUnknownError(text) if begun else StoreRetryableError(text)
        case _:
            return OutcomeUnknownError(text)


def of_read(error: BaseException) -> StoreError:
    """The same for a request that changes nothing: it can be repeated, whatever became of it."""
    known = told(error)
    return StoreRetryableError(str(known)) if isinstance(known, OutcomeUnknownError) else known


__all__ = ["of_read", "told"]
