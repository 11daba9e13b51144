"""What the runtime counts, in Prometheus' form."""

from __future__ import annotations

from tests.support.clock import ManualClock

from hubbub.supervision.chat import chat


async def test_crashes_restarts_and_dead_letters_are_told_by_kind_and_reason() -> None:
    clock = ManualClock()
    async with chat(clock=clock) as node:
        user = await node.add_user("ada")
        name = f"user:{user}"

        async def told() -> str:
            await node.system.settle(suspended_too=True)
            return node.metrics.render().decode()

        assert 'hubbub_actors{kind="user"} 0.0' in await told()
        for message in (object(), object()):
            node.system.tell(name, message)
            text = await told()
        node.system.tell("nobody", "hello")
        assert 'hubbub_actor_crashes_total{kind="UserActor"} 2.0' in text
        assert 'hubbub_restarts_total{kind="UserActor"} 1.0' in text
        assert 'hubbub_actors{kind="user"} 0.0' in text
        node.system.tell(name, object())
        supervisor = node.system.lookup("users")
        assert supervisor is not None
        text = await told()
        assert 'hubbub_actors{kind="user"} 1.0' in text
        assert 'hubbub_dead_letters_total{reason="unknown"} 1.0' in text
        node.system.kill(supervisor)
        text = node.metrics.render().decode()
        # The supervisor, its eight parts, and the user.
        assert "hubbub_actors_killed_total 10.0" in text
        assert 'hubbub_actors{kind="user"} 0.0' in text
        assert "hubbub_mailbox_full_total 0.0" in text
