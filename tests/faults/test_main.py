"""`make faults` keeps only what is worth it, and says what there is to choose from."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from .__main__ import main
from .table import FAULTS


@pytest.mark.parametrize("other", ["kill", "--quick", "--plant=ack-early"])
def test_only_a_whole_and_honest_run_is_written_down(other: str) -> None:
    said = CliRunner().invoke(main, ["--write", other])
    assert said.exit_code == 2
    assert "worth keeping" in said.output


def test_a_word_that_is_in_no_name_is_answered_with_the_names() -> None:
    said = CliRunner().invoke(main, ["earthquake"])
    assert said.exit_code == 2
    for fault in FAULTS:
        assert fault.name in " ".join(said.output.split())
