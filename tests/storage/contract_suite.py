"""The one suite that every store passes; a store's own tests add what is particular to it."""

from __future__ import annotations

from .contract_accounts import AccountsContract
from .contract_contacts import ContactsContract
from .contract_deletions import DeletionsContract
from .contract_invites import InvitesContract
from .contract_life import LifeContract
from .contract_lists import ListsContract
from .contract_logs import LogsContract
from .contract_pages import PagesContract


class StoreContract(
    LogsContract,
    PagesContract,
    ListsContract,
    AccountsContract,
    ContactsContract,
    InvitesContract,
    DeletionsContract,
    LifeContract,
):
    """Inherit this in a test class, and give a fixture `store`: an open, empty store."""


__all__ = ["StoreContract"]
