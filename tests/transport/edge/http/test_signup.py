"""The rules for names and passwords, and new accounts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import ManualClock
from tests.support.http_node import CountingChance, CountingPasswords

from hubbub.config.errors import BadRequestError, NameTakenError
from hubbub.config.ids import is_user_id
from hubbub.storage.memory import MemoryStore
from hubbub.transport.edge.http.recovery import code_digest
from hubbub.transport.edge.http.signup import (
    check_name,
    check_password,
    fold_name,
    new_user_id,
    sign_up,
)


@pytest.mark.parametrize(
    "name",
    ["Ada", "李雷", "محمد", "Ελένη", "अमिता", "Đặng", "ßen", "a.b_c-d", "7up", "x" * 32, "สมชาย"],
)
def test_names_of_any_script_are_good(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "x" * 33,
        "a b",
        "a\tb",
        "a\0b",
        "ada\u202eeve",
        "ada\u200b",
        "ad\u200da",
        "ada\ufe0f",
        "ada\u3164",
        "\u3164\u3164",
        "<b>ada",
        "ada'--",
        "ada@home",
        "ada\ud800",
        ".ada",
        "-ada",
        "\u0301ada",
        "z\u0351\u0352\u0353\u0354\u0355",
        "😀😀",
        "ada\ue000",
    ],
)
def test_names_that_hide_or_break_something_are_refused_without_being_quoted(name: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        check_name(name)
    assert refused.value.text.startswith("name: ")
    assert len(name) < 3 or name not in refused.value.text


def test_space_around_a_name_is_dropped() -> None:
    assert check_name("  Ada ") == "Ada"
    assert fold_name(" ADA ") == "ada"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "aDA"),
        ("Ada", "Ａｄａ"),
        ("straße", "STRASSE"),
        ("caf\u00e9", "cafe\u0301"),
        ("ﬁn", "FIN"),
        ("ΣΊΣΥΦΟς", "σίσυφοσ"),
    ],
)
def test_names_that_look_alike_by_form_or_case_are_one(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(name: str) -> None:
    assert fold_name(fold_name(name)) == fold_name(name)


@given(st.text(max_size=40))
def test_a_name_that_is_accepted_is_accepted_again_as_it_is_shown(name: str) -> None:
    try:
        shown = check_name(name)
    except BadRequestError:
        return
    assert check_name(shown) == shown
    assert shown.isprintable()


@pytest.mark.parametrize("password", ["", "1234567", "x" * 257, "12345678\ud800"])
def test_a_password_too_short_or_too_long_is_refused_without_being_quoted(password: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        check_password(password)
    assert not password or password not in refused.value.text


def test_any_characters_make_a_password() -> None:
    for password in ("12345678", "пароль и ещё", "\0" * 8, "x" * 256):
        assert check_password(password) == password


def test_ids_look_like_users() -> None:
    chance = CountingChance()
    ids = {new_user_id(chance) for _ in range(20)}
    assert len(ids) == 20
    assert all(map(is_user_id, ids))


async def test_signing_up_stores_digests_and_tells_the_codes_once() -> None:
    store, passwords = MemoryStore(), CountingPasswords()
    await store.open()
    made = await sign_up(
        store, passwords, ManualClock(), CountingChance(), " Ada ", "correct horse"
    )  # fmt: skip
    account = await store.account_by_name("ada")
    assert account is not None
    assert (account.id, account.name) == (made.user, "Ada")
    assert await passwords.verify(account.password, "correct horse")
    assert not any(code in repr(made) for code in made.recovery)
    assert await store.use_recovery(made.user, code_digest(made.recovery[7]))
    assert not await store.use_recovery(made.user, code_digest(made.recovery[7]))
    with pytest.raises(NameTakenError):
        await sign_up(
            store, passwords, ManualClock(), CountingChance(), "ADA", "correct horse"
        )  # fmt: skip
    passwords.close()
    await store.close()


async def test_a_bad_name_costs_no_hash() -> None:
    store, passwords = MemoryStore(), CountingPasswords()
    with pytest.raises(BadRequestError):
        await sign_up(
            store, passwords, ManualClock(), CountingChance(), "a b", "correct horse"
        )  # fmt: skip
    with pytest.raises(BadRequestError):
        await sign_up(store, passwords, ManualClock(), CountingChance(), "ada", "short")
    assert passwords.hashed == 0
    passwords.close()
