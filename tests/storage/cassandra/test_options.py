"""Secrets do not show."""

from __future__ import annotations

from pathlib import Path

from hubbub.storage.cassandra.options import CassandraOptions


def test_no_secret_shows_in_the_options() -> None:
    options = CassandraOptions(user="ann", password="SECRET", tls_key=Path("SECRET.pem"))
    assert "SECRET" not in repr(options)
    assert "ann" in repr(options)
