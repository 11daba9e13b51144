"""The limits, each as a setting."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hubbub.config.limit_settings import LIMIT_NAMES, LimitSettings
from hubbub.config.limits import Limits


def test_the_settings_are_exactly_the_limits() -> None:
    assert tuple(LimitSettings.model_fields) == LIMIT_NAMES


@pytest.mark.parametrize("name", LIMIT_NAMES)
def test_no_limit_can_be_negative(name: str) -> None:
    with pytest.raises(ValidationError):
        LimitSettings.model_validate({name: -1})


def test_the_chosen_limits_hold_what_was_chosen() -> None:
    settings = LimitSettings(devices=3, rate_per_s=5)
    assert settings.chosen_limits(rates=True) == Limits(devices=3, rate_per_s=5)
    assert settings.chosen_limits(rates=False) == Limits(devices=3, rate_per_s=0)
