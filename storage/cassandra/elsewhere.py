"""When another host is asked the same: for a read that failed at one of them.

A statement that only reads is harmless to ask twice, and its `is_idempotent` tells the driver so.
Everything else is repeated by those who know its stamps (sender.py), or by nobody.
"""

from __future__ import annotations

from typing import Any

from cassandra.policies import RetryPolicy

#: Hosts that are asked after the first one, within the time of one request.
MORE_HOSTS = 2

#: What to do, and at which consistency; None: the same.
Decision = tuple[int, None]


class AskElsewhere(RetryPolicy):
    """See the module; the last host's failure is told."""

    def on_read_timeout(self, query: Any, *_: Any, retry_num: int, **_more: Any) -> Decision:
        """Its host waits for a copy that has died, until it knows."""
        return self._elsewhere(query, retry_num)

    def on_write_timeout(self, query: Any, *_: Any, retry_num: int, **_more: Any) -> Decision:
        """A serial read may have had to finish somebody's write."""
        return self._elsewhere(query, retry_num)

    def on_unavailable(self, query: Any, *_: Any, retry_num: int, **_more: Any) -> Decision:
        """A host that has just come back does not know the others yet."""
        return self._elsewhere(query, retry_num)

    def on_request_error(self, query: Any, *_: Any, retry_num: int, **_more: Any) -> Decision:
        """Its connection broke, or it can take no more."""
        return self._elsewhere(query, retry_num)

    def _elsewhere(self, query: Any, retry_num: int) -> Decision:
        again = query.is_idempotent and retry_num < MORE_HOSTS
        return (self.RETRY_NEXT_HOST if again else self.RETHROW), None


__all__ = ["MORE_HOSTS", "AskElsewhere", "Decision"]
