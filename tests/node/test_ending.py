"""How a node ends."""

from __future__ import annotations

from pathlib import Path

from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.settings import Settings
from hubbub.supervision.data_dir import DataDir
from hubbub.supervision.tree import Node
from hubbub.transport.edge.listener import STOP_S


async def test_no_socket_is_cut_that_is_closing_in_order(tmp_path: Path) -> None:
    with DataDir(tmp_path) as folder:
        async with ActorSystem() as system:
            node = Node(Settings(data=tmp_path, port=0), system, folder)
            grace = {spec.name: spec.grace for spec in node.specs()}
            node.close()
    assert isinstance(edge := grace["edge"], float | int)
    assert edge >= STOP_S
