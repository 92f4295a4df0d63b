from __future__ import annotations

import pytest

from workbench.gateway.backend import SLOTS, RouteError, Server, backend_name, plan, render

OLD, NEW = Server("old", 100), Server("new", 100)


def test_a_newcomer_takes_a_free_slot_and_the_old_one_leaves_its_own() -> None:
    move = plan({1: OLD}, [NEW])

    assert move.arriving == {2: NEW}
    assert move.leaving == {1: OLD}
    assert move.slots == {2: NEW}


def test_who_stays_keeps_its_slot_and_gets_its_new_weight() -> None:
    move = plan({1: OLD}, [Server("old", 90), Server("new", 10)])

    assert move.slots == {1: Server("old", 90), 2: Server("new", 10)}
    assert move.leaving == {}
    assert move.arriving == {2: Server("new", 10)}


def test_the_same_route_again_moves_nobody() -> None:
    move = plan({3: OLD}, [OLD])

    assert (move.slots, move.arriving, move.leaving) == ({3: OLD}, {}, {})


def test_more_containers_than_slots_are_refused_before_anything_moves() -> None:
    full = {slot: Server(f"old-{slot}", 1) for slot in range(1, SLOTS + 1)}

    with pytest.raises(RouteError, match="0 of 16 slots are free"):
        plan(full, [NEW])


def test_a_container_cannot_stand_twice_in_a_route() -> None:
    with pytest.raises(RouteError, match="twice"):
        plan({}, [NEW, Server("new", 1)])


@pytest.mark.parametrize("host", ["", "a b", "a\nshutdown", "x;y", "-a", "a" * 300])
def test_what_is_no_containers_name_never_reaches_the_socket(host: str) -> None:
    with pytest.raises(RouteError, match="not a container's name"):
        Server(host, 1)


@pytest.mark.parametrize("weight", [-1, 257])
def test_a_weight_out_of_haproxys_range_is_refused(weight: int) -> None:
    with pytest.raises(RouteError, match="between 0 and 256"):
        Server("a", weight)


@pytest.mark.parametrize("service", ["ab", "-abc", "Abc", "a/b/c", "../etc", "a" * 33, "abc\n"])
def test_what_is_no_services_name_names_no_backend_and_no_file(service: str) -> None:
    with pytest.raises(RouteError, match="3 to 32"):
        backend_name(service)


def test_a_backend_is_written_with_every_slot_and_idle_ones_disabled() -> None:
    text = render("churnpred", {2: NEW})

    lines = [line.split() for line in text.splitlines() if line.strip().startswith("server ")]
    assert text.startswith("backend service_churnpred\n")
    assert [line[1] for line in lines] == [str(slot) for slot in range(1, SLOTS + 1)]
    assert lines[1][2:] == ["new:8000", "weight", "100"]
    assert all(line[-1] == "disabled" for line in lines if line[1] != "2")
