"""Where one is signed in."""

from __future__ import annotations

import pytest
from tests.support.http_node import HttpNode

from hubbub.actors.commands import DeviceRevoked


async def test_the_list_shows_every_device_that_is_signed_in(node: HttpNode) -> None:
    first = await node.person("Ada")
    node.clock.advance(5)
    second = await node.sign_in("Ada")
    await node.person("Bob")
    lines = (await second.http.get("/v1/devices")).json()
    assert [(line["id"], line["current"]) for line in lines] == [
        (first.device, False),
        (second.device, True),
    ]
    assert lines[1]["created"] - lines[0]["created"] == 5000
    assert lines[0]["label"] == "A device"
    assert set(lines[0]) == {"id", "label", "created", "seen", "current"}


async def test_a_device_is_called_otherwise_in_one_visible_line(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    path = f"/v1/devices/{ada.device}"
    assert (await ada.http.patch(path, json={"label": " My\nphone\0 "})).status_code == 204
    assert (await ada.http.get("/v1/devices")).json()[0]["label"] == "My phone"
    assert (await bob.http.patch(path, json={"label": "mine"})).status_code == 404
    assert (await ada.http.patch(path, json={"label": "x" * 101})).status_code == 400
    assert (await ada.http.patch("/v1/devices/v_x", json={"label": "x"})).status_code == 404
    assert (await ada.http.get("/v1/devices")).json()[0]["label"] == "My phone"


async def test_a_device_signed_out_from_another_is_out_at_once(node: HttpNode) -> None:
    lost, here = await node.person("Ada"), await node.sign_in("Ada")
    assert (await here.http.delete(f"/v1/devices/{lost.device}")).status_code == 204
    assert node.cluster.told == [(f"user:{lost.user}", DeviceRevoked(lost.device))]
    assert (await lost.http.get("/v1/me")).status_code == 403
    assert [d["id"] for d in (await here.http.get("/v1/devices")).json()] == [here.device]
    again = await here.http.delete(f"/v1/devices/{lost.device}")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("device", ["v_nobody", "%00", "' OR 1=1 --", "x" * 5000])
async def test_what_is_no_device_of_mine_is_not_found(node: HttpNode, device: str) -> None:
    ada = await node.person("Ada")
    assert (await ada.http.delete(f"/v1/devices/{device}")).status_code == 404
    assert (await ada.http.get("/v1/me")).status_code == 200


async def test_nobody_signs_anothers_device_out(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    assert (await bob.http.delete(f"/v1/devices/{ada.device}")).status_code == 404
    assert (await ada.http.get("/v1/me")).status_code == 200
    assert node.cluster.told == []
