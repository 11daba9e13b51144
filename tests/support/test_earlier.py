"""The recorded program that an upgrade begins from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hubbub.transport.cluster.versions import VERSION

from .earlier import EarlierMissingError, unpack_earlier


def test_the_recorded_program_speaks_the_version_before_this_one(tmp_path: Path) -> None:
    try:
        program = unpack_earlier(tmp_path)
    except EarlierMissingError as error:
        pytest.skip(str(error))
    says = (program / "transport" / "cluster" / "versions.py").read_text("utf-8")
    (version,) = re.findall(r"^VERSION: Final = (\d+)$", says, re.MULTILINE)
    assert int(version) == VERSION - 1
    assert (program / "src" / "hubbub" / "run_node.py").resolve() == program / "run_node.py"


def test_a_clone_that_does_not_go_back_so_far_says_how_to_get_there(tmp_path: Path) -> None:
    with pytest.raises(EarlierMissingError, match="git fetch --unshallow") as refused:
        unpack_earlier(tmp_path, commit="0" * 40)
    assert refused.value.commit == "0" * 40
