from __future__ import annotations

from hubbub.config.ids import UserId, direct_id
from hubbub.testkit.simulation.making import group_of, text_to
from hubbub.transport.wire import bodies, frames

ANN, BEN = UserId("u_ann"), UserId("u_ben")


def test_a_text_to_a_person_stands_in_the_one_conversation_of_the_two() -> None:
    c, make = text_to(ANN, BEN, "hello")
    assert c == direct_id(BEN, ANN)
    assert make(1, 2, 3) == frames.Send(id=1, to=BEN, cid=2, prev=3, b=bodies.Text(text="hello"))


def test_a_text_to_a_conversation_names_it() -> None:
    c, make = text_to(ANN, "g_one", "hello")
    assert c == "g_one"
    assert make(1, 2, 3) == frames.Send(id=1, c="g_one", cid=2, prev=3, b=bodies.Text(text="hello"))


def test_a_group_is_founded_with_the_members_of_the_time_it_was_asked_for() -> None:
    users = [str(BEN)]
    make = group_of("Builders", users)
    users.append("u_late")
    assert make(1, 2, 3) == frames.Create(id=1, cid=2, prev=3, title="Builders", members=[BEN])
