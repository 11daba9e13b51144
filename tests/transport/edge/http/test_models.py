"""What goes in and comes out."""

from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel, ValidationError

from hubbub.transport.edge.http import models
from hubbub.transport.edge.http.models import Answer, Login, Model, Mutation, SignedIn

ALL = [
    found
    for found in vars(models).values()
    if inspect.isclass(found) and issubclass(found, BaseModel) and found is not BaseModel
]


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_model_has_a_sentence_for_the_docs_and_a_silent_repr(model: type[BaseModel]) -> None:
    assert issubclass(model, Model | Answer)
    assert (model.__doc__ or "").endswith(".")
    assert model.__repr__ in (Model.__repr__, Answer.__repr__)


def test_a_repr_shows_no_secret() -> None:
    login = Login(name="ada", password="correct horse 9")
    person = models.Person(id="u", name="ada")
    signed_in = SignedIn(user=person, device="v", access="a.b.c", refresh="d.e.f", expires_in=1)
    for shown in (repr(login), str(login), f"{login}", repr(signed_in), str([signed_in])):
        assert "horse" not in shown
        assert "a.b.c" not in shown
        assert "d.e.f" not in shown


def test_a_validation_error_shows_no_secret() -> None:
    with pytest.raises(ValidationError) as refused:
        Login.model_validate({"name": "ada", "password": "correct horse 9" * 200})
    assert "horse" not in str(refused.value)


@pytest.mark.parametrize(
    "place",
    [
        {"cid": 0, "prev": 0},
        {"cid": 1, "prev": -1},
        {"cid": 1 << 53, "prev": 0},
        {"cid": "1", "prev": 0},
        {"cid": True, "prev": 0},
        {"cid": 1.0, "prev": 0},
        {"cid": 1},
        {"cid": 1, "prev": 0, "more": 1},
    ],
)
def test_a_place_is_two_exact_numbers(place: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Mutation.model_validate(place)
