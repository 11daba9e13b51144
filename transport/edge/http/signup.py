"""New accounts: what a name and a password must be like. The operator's commands use it too."""

from __future__ import annotations

from dataclasses import dataclass, field
from unicodedata import category, normalize

from ....config.clock import Chance, Clock
from ....config.errors import BadRequestError
from ....config.ids import UserId, letters
from ....storage.accounts import Accounts
from ....storage.records import Account
from .passwords import Passwords
from .recovery import code_digest, new_codes

NAME_CHARS = (2, 32)
PASSWORD_CHARS = (8, 256)

#: Marks on one letter; no script that people write needs more, and stacks of them hide neighbours.
_MARKS = 3

#: Letters and marks by category that show nothing: fillers, joiners, variation selectors.
_INVISIBLE = frozenset(
    map(
        chr,
        (
            0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0,
            *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0),
        ),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A new account, with the codes that are told this once.

    Attributes:
        recovery: As shown; the store has only their digests.
    """

    user: UserId
    name: str
    recovery: list[str] = field(repr=False)


def fold_name(name: str) -> str:
    """The form in which names are compared: two that fold alike are one name."""
    folded = normalize("NFKC", name)
    for _ in range(2):
        # Folding case can leave what composes anew, and the other way round.
        folded = normalize("NFKC", folded.casefold())
    return folded.strip()


def check_name(name: str) -> str:
    """A name as it will be shown.

    Raises:
        BadRequestError: It breaks a rule, which the text tells.
    """
    shown = normalize("NFC", name.strip())
    low, high = NAME_CHARS
    if not (low <= len(shown) <= high and low <= len(fold_name(shown))):
        raise BadRequestError(f"name: it must have {low} to {high} characters.")
    for text in (shown, fold_name(shown)):
        if category(text[0])[0] not in "LN":
            raise BadRequestError("name: it must begin with a letter or a digit.")
        marks = 0
        for c in text:
            kind = category(c)[0]
            marks = marks + 1 if kind == "M" else 0
            if (kind not in "LNM" and c not in "._-") or c in _INVISIBLE or marks > _MARKS:
                raise BadRequestError("name: letters, digits, '.', '_' and '-' only.")
    return shown


def check_password(password: str) -> str:
    """A password that may be used.

    Raises:
        BadRequestError: It is too short, too long or no text; the refusal does not hold it.
    """
    if any("\ud800" <= c <= "\udfff" for c in password):
        raise BadRequestError("password: it is not text.")
    low, high = PASSWORD_CHARS
    if not low <= len(normalize("NFC", password)) <= high:
        raise BadRequestError(f"password: it must have {low} to {high} characters.")
    return password


def new_user_id(chance: Chance) -> UserId:
    """A user's id: 100 bits of chance."""
    return UserId("u_" + letters(chance.token(13))[:20])


async def sign_up(
    accounts: Accounts,
    passwords: Passwords,
    clock: Clock,
    chance: Chance,
    name: str,
    password: str,
) -> SignedUp:
    """Make an account.

    Raises:
        BadRequestError: The name or the password breaks a rule.
        NameTakenError: Somebody has the name.
        UnavailableError: Too many are signing up or in.
        StoreError: It could not be stored.
    """
    shown = check_name(name)
    hashed = await passwords.hash(check_password(password))
    codes = new_codes(chance)
    user = new_user_id(chance)
    await accounts.create_account(
        Account(user, shown, fold_name(shown), clock.now_ms(), hashed),
        [code_digest(code) for code in codes],
    )
    return SignedUp(user, shown, codes)


__all__ = [
    "NAME_CHARS",
    "PASSWORD_CHARS",
    "SignedUp",
    "check_name",
    "check_password",
    "fold_name",
    "new_user_id",
    "sign_up",
]
