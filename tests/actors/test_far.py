"""Sessions at other nodes, as the Users here see them."""

from __future__ import annotations

from typing import Any, cast

from tests.support.chat import chatting
from tests.support.two import pair

from hubbub.actors.answers import Behind, Delivery
from hubbub.actors.bodies import Text
from hubbub.actors.commands import Attach, Attached, DeviceRevoked, ReplyTo, ShutOut
from hubbub.actors.far import FarSession, FarTable, node_of
from hubbub.actors.ports import Cluster
from hubbub.config.errors import Refusal
from hubbub.config.ids import ConvId, DeviceId, UserId

ANN, BOB = UserId("u_ann"), UserId("u_bob")
NEWS = Behind({ConvId("g_tea"): 3})


class Told:
    """A cluster that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def tell(self, name: str, message: Any) -> bool:
        self.told.append((name, message))
        return True


def far(user: UserId, session: str, cluster: Told | None = None) -> FarSession:
    attach = Attach(ReplyTo("ask:n2/b", 1), session, DeviceId("v_1"), "x", 2)
    return FarSession(cast(Cluster, cluster or Told()), user, attach)


def test_what_is_pushed_is_told_to_the_session() -> None:
    cluster = Told()
    there = far(ANN, "session:n2:b/1", cluster)
    there.outbox.push(NEWS)
    there.outbox.close(4403, "This device was signed out.")
    assert cluster.told == [
        ("session:n2:b/1", NEWS),
        ("session:n2:b/1", ShutOut(4403, "This device was signed out.")),
    ]
    assert (there.user, there.device, there.inst, there.attempt) == (ANN, "v_1", "x", 2)


def test_a_session_names_its_node() -> None:
    assert node_of("session:n2:abc/1") == "n2"


def test_the_table_knows_who_is_attached_from_where() -> None:
    table = FarTable()
    one, two, other = (
        far(ANN, "session:n2:b/1"),
        far(ANN, "session:n3:c/1"),
        far(BOB, "session:n2:b/2"),
    )
    for each in (one, two, other):
        table.add(each)
    assert table.of(ANN) == [one, two]
    assert table.at(("n2",)) == [one, other]
    table.remove(ANN, "session:n2:b/1")
    table.remove(ANN, "session:n2:b/1")
    table.remove(UserId("u_nobody"), "session:n2:b/1")
    assert table.of(ANN) == [two]
    table.keep(lambda user: user == BOB)
    assert table.of(ANN) == []
    assert table.of(BOB) == [other]


def test_who_attaches_again_takes_the_place_of_the_earlier_attachment() -> None:
    table = FarTable()
    first, again = far(ANN, "session:n2:b/1"), far(ANN, "session:n2:b/1")
    table.add(first)
    assert table.holds(first)
    table.add(again)
    assert not table.holds(first)
    assert table.holds(again)
    assert table.of(ANN) == [again]


async def test_a_session_at_another_node_is_pushed_to_replaced_and_shut_out() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        told: list[tuple[str, Any]] = []
        tell = chat.cluster.tell

        def keep(name: str, message: Any) -> bool:
            if name.startswith(("session:n9", "ask:n9")):
                told.append((name, message))
                return True
            return tell(name, message)

        vars(chat.cluster)["tell"] = keep
        for n, inst, attempt in ((1, "x", 2), (2, "x", 3), (3, "x", 1)):
            session = f"session:n9:i/{n}"
            here = Attach(ReplyTo("ask:n9/i", n), session, DeviceId("v_far"), inst, attempt)
            chat.cluster.tell(f"user:{one.user}", here)
            await chat.settle()
        answers = [m.result for name, m in told if name == "ask:n9/i"]
        assert answers[:2] == [Attached(0), Attached(0)]
        assert isinstance(answers[2], Refusal)
        shut = [(name, m.code) for name, m in told if isinstance(m, ShutOut)]
        assert shut == [("session:n9:i/1", 1001), ("session:n9:i/3", 4409)]
        assert [far.session for far in chat.far.of(one.user)] == ["session:n9:i/2"]
        await other.post(conv, 1, "Hi", 0)
        assert [m.body for _, m in told if isinstance(m, Delivery)] == [Text("Hi")]
        ref = chat.system.lookup(f"user:{one.user}")
        assert ref is not None
        chat.system.kill(ref)
        await other.post(conv, 2, "still there?", 1)
        chat.cluster.tell(f"user:{one.user}", DeviceRevoked(None))
        await chat.settle()
        assert [name for name, m in told if isinstance(m, ShutOut)][2:] == ["session:n9:i/2"]
