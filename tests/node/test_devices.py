"""Connections of one person: replaced, renewed, revoked; who is online."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.town import Town, codes, group
from tests.support.ws_client import Frame, whole_list

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_second_start_of_a_device_replaces_the_first_and_tells_it(town: Town) -> None:
    ann = await town.person("ann")
    old = await town.socket(ann, inst="one")
    new = await town.socket(ann, inst="two")
    assert await old.close_code() == 4409
    await new.settled()


async def test_the_same_start_that_reconnects_replaces_its_old_socket_silently(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    old = await town.socket(ann, inst="one", **{"try": 1})
    new = await town.socket(ann, inst="one", **{"try": 2})
    assert await old.close_code() not in (4409, 4403, 4401)
    ben_ws = await town.socket(ben)
    ack = await ben_ws.post(ann.user, 1, "to the newer one")
    await new.expect("msg", s=ack["s"])
    late = await town.stranger()
    await late.send(ann.hello(inst="one", **{"try": 1}))
    assert await late.close_code() == 4409
    await new.settled()


async def test_two_devices_of_a_person_are_there_at_once(town: Town) -> None:
    ann = await town.person("ann")
    phone = await town.device(ann)
    desk_ws, phone_ws = await town.sockets(ann, phone)
    assert desk_ws.welcome["device"] != phone_ws.welcome["device"]
    assert desk_ws.welcome["user"] == phone_ws.welcome["user"] == ann.user
    await desk_ws.settled()
    await phone_ws.settled()


async def test_a_token_is_renewed_in_place_and_only_for_the_same_device(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    phone = await town.device(ann)
    ws = await town.socket(ann)
    fresh = (await ann.http.post("/v1/refresh", json={"refresh": ann.refresh})).json()
    assert (await ws.ask("auth", token=fresh["access"]))["t"] == "ok"
    wrong = [
        await ws.ask("auth", token=phone.access),
        await ws.ask("auth", token=ben.access),
        await ws.ask("auth", token="no token"),
    ]
    assert set(codes(wrong)) <= {"forbidden", "unauthenticated"}
    assert all(ann.access not in str(w) and ben.access not in str(w) for w in wrong)
    await ws.settled()


async def test_a_revoked_device_is_closed_at_once_and_cannot_come_back(town: Town) -> None:
    ann = await town.person("ann")
    phone = await town.device(ann)
    desk_ws, phone_ws = await town.sockets(ann, phone)
    answer = await ann.http.delete(f"/v1/devices/{phone.device}")
    assert answer.status_code in (200, 204)
    assert await phone_ws.close_code() == 4403
    again = await town.stranger()
    await again.send(phone.hello())
    assert await again.close_code() == 4403
    assert (await phone.http.get("/v1/me")).status_code in (401, 403)
    refreshed = await phone.http.post("/v1/refresh", json={"refresh": phone.refresh})
    assert refreshed.status_code in (401, 403)
    await desk_ws.settled()


async def test_a_reused_refresh_token_ends_the_device(town: Town) -> None:
    ann = await town.person("ann")
    ws = await town.socket(ann)
    first = ann.refresh
    second = (await ann.http.post("/v1/refresh", json={"refresh": first})).json()
    third = (await ann.http.post("/v1/refresh", json={"refresh": second["refresh"]})).json()
    assert "access" in third
    stolen = await ann.http.post("/v1/refresh", json={"refresh": first})
    assert stolen.status_code in (401, 403)
    assert await ws.close_code() == 4403
    after = await ann.http.post("/v1/refresh", json={"refresh": third["refresh"]})
    assert after.status_code in (401, 403)


async def test_the_password_opens_other_devices_only_while_it_is_right(town: Town) -> None:
    ann = await town.person("ann")
    wrong = await ann.http.post(
        "/v1/login", json={"name": ann.name, "password": "wrong horse 9", "device": "x"}
    )
    nobody = await ann.http.post(
        "/v1/login", json={"name": "nobody-here", "password": "wrong horse 9", "device": "x"}
    )
    assert (wrong.status_code, wrong.json()) == (nobody.status_code, nobody.json())
    assert wrong.status_code == 401


async def test_logging_out_closes_this_device_alone(town: Town) -> None:
    ann = await town.person("ann")
    phone = await town.device(ann)
    desk_ws, phone_ws = await town.sockets(ann, phone)
    answer = await phone.http.post("/v1/logout", json={"refresh": phone.refresh})
    assert answer.status_code in (200, 204), answer.text
    assert await phone_ws.close_code() == 4403
    await desk_ws.settled()


async def test_one_device_too_many_signs_the_least_recently_seen_out(town: Town) -> None:
    ann = await town.person("ann")
    first = await town.socket(ann)
    others = [await town.device(ann) for _ in range(9)]
    latest = await town.socket(others[-1])
    await first.settled()
    await town.device(ann)
    assert await first.close_code() == 4403
    await latest.settled()
    listed: list[Frame] = (await others[-1].http.get("/v1/devices")).json()
    assert len(listed) == 10


# --- presence -----------------------------------------------------------------------------------


async def test_fellows_see_each_other_come_at_once_and_go_after_the_grace(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    await group(ann_ws, ben)
    await ann_ws.ask("watch", users=[ben.user], convs=[])
    before = await ann_ws.expect("pres", u=ben.user)
    assert before["st"] == "off"
    ben_ws = await town.socket(ben)
    here = await ann_ws.expect("pres", u=ben.user)
    assert here["st"] == "on"
    await ben_ws.close()
    gone = await ann_ws.expect("pres", u=ben.user)
    assert gone["st"] == "off" and gone["seen"] >= here["seen"] > before["seen"]
    asked = await ann_ws.ask("presence", users=[ben.user])
    assert [(p["u"], p["st"]) for p in asked["users"]] == [(ben.user, "off")]
    assert abs(asked["users"][0]["seen"] - gone["seen"]) < 5000


async def test_who_reconnects_within_the_grace_never_went(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws = await town.socket(ann)
    await group(ann_ws, ben, cleo)
    ben_ws = await town.socket(ben)
    await ann_ws.ask("watch", users=[ben.user, cleo.user], convs=[])
    assert (await ann_ws.expect("pres", u=ben.user))["st"] == "on"
    assert (await ann_ws.expect("pres", u=cleo.user))["st"] == "off"
    await ben_ws.abort()
    ben_again = await town.socket(ben)
    # Somebody who comes and goes after it shows that the grace has passed.
    cleo_ws = await town.socket(cleo)
    assert (await ann_ws.expect("pres", u=cleo.user))["st"] == "on"
    await cleo_ws.close()
    assert (await ann_ws.expect("pres", u=cleo.user))["st"] == "off"
    assert [f for f in ann_ws.frames if f["t"] == "pres" and f["st"] == "off"] == []
    await ben_again.settled()


async def test_the_last_of_several_devices_decides(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    phone = await town.device(ben)
    ann_ws, ben_ws, phone_ws = await town.sockets(ann, ben, phone)
    await group(ann_ws, ben)
    await ann_ws.ask("watch", users=[ben.user], convs=[])
    assert (await ann_ws.expect("pres", u=ben.user))["st"] == "on"
    await ben_ws.close()
    asked = await ann_ws.ask("presence", users=[ben.user])
    assert asked["users"][0]["st"] == "on"
    await phone_ws.close()
    assert (await ann_ws.expect("pres", u=ben.user))["st"] == "off"


async def test_strangers_and_those_who_were_told_nothing_see_nothing(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, _ben_ws, cleo_ws = await town.sockets(ann, ben, cleo)
    await group(ann_ws, ben)
    asked = await cleo_ws.ask("presence", users=[ann.user, ben.user])
    assert asked["users"] == []
    hidden = await ben.http.patch("/v1/me", json={"presence": "nobody"})
    assert hidden.status_code == 200, hidden.text
    asked = await ann_ws.ask("presence", users=[ben.user])
    assert asked["users"] == []


async def test_presence_comes_only_to_those_who_watch(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    phone = await town.device(ann)
    ann_ws, phone_ws = await town.sockets(ann, phone)
    await group(ann_ws, ben)
    await ann_ws.ask("watch", users=[ben.user], convs=[])
    await phone_ws.ask("watch", users=[ben.user], convs=[])
    for ws in (ann_ws, phone_ws):
        await ws.expect("pres", u=ben.user)
    await phone_ws.ask("watch", users=[], convs=[])
    await town.socket(ben)
    await ann_ws.expect("pres", u=ben.user)
    await phone_ws.settled()
    assert [f for f in phone_ws.frames if f["t"] == "pres"] == []


async def test_everybody_comes_back_after_a_storm_of_reconnects(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ben_ws = await town.socket(ben)
    for n in range(1, 21):
        socket = await town.socket(ann, inst="one", **{"try": n})
        if n % 3:
            await socket.abort()
    ann_ws = await town.socket(ann, inst="one", **{"try": 21})
    acks = await asyncio.gather(*(ben_ws.post(ann.user, n, f"line {n}") for n in range(1, 4)))
    for ack in acks:
        await ann_ws.expect("msg", s=ack["s"])
    assert len((await whole_list(ann_ws))["convs"]) == 1
