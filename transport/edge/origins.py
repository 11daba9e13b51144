"""Which web pages are ours: the check of `Origin` for sockets and cookies alike."""

from __future__ import annotations

from collections.abc import Collection


class Origins:
    """Knows our own pages and those the operator trusts.

    Args:
        trusted: Origins (`https://chat.example.org`) besides the host that was asked.
    """

    def __init__(self, trusted: Collection[str] = ()) -> None:
        self._trusted = frozenset(origin.lower().rstrip("/") for origin in trusted)

    def is_ours(self, origin: str, host: str, *, secure: bool) -> bool:
        """Whether a page of this origin may speak to us.

        Args:
            host: The request's `Host`.
            secure: Whether the request is known to have come by TLS.
        """
        origin, host = origin.lower(), host.lower()
        if origin in self._trusted:
            return True
        scheme, _, place = origin.partition("://")
        # Behind a proxy that ends TLS we may not know which scheme the page came by.
        schemes = ("https",) if secure else ("http", "https")
        return (
            bool(host)
            and scheme in schemes
            and _without_port(place, scheme) == _without_port(host, scheme)
        )


def _without_port(place: str, scheme: str) -> str:
    """A host without its port where that is the scheme's own: browsers leave it out."""
    return place.removesuffix(":443" if scheme == "https" else ":80")


__all__ = ["Origins"]
