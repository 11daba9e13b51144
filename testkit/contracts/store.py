"""The one suite that every store passes; a store's own tests add what is particular to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from ...storage.contract import Store
from .cases import check
from .store_accounts import AccountsContract
from .store_contacts import ContactsContract
from .store_deletions import DeletionsContract
from .store_generations import GenerationsContract
from .store_invites import InvitesContract
from .store_life import LifeContract
from .store_lists import ListsContract
from .store_logs import LogsContract
from .store_pages import PagesContract


class StoreContract(
    LogsContract,
    PagesContract,
    ListsContract,
    AccountsContract,
    ContactsContract,
    InvitesContract,
    DeletionsContract,
    GenerationsContract,
    LifeContract,
):
    """Inherit this in a test class, and give a fixture `store`: an open, empty store."""


def check_store(fresh: Callable[[], AbstractAsyncContextManager[Store]]) -> int:
    """Hold a store to its contract: every case, each on a store of its own.

    Args:
        fresh: Makes an open, empty store for the length of a block. A case may close and open it.

    Returns: how many cases there were.

    Raises:
        ExceptionGroup: Those that failed.
    """
    return check(StoreContract, "store", fresh)


__all__ = ["StoreContract", "check_store"]
