from __future__ import annotations

from pathlib import Path

from workbench.toolchain.places import find_places


def test_the_home_and_the_cache_follow_xdg() -> None:
    places = find_places({"HOME": "/h", "XDG_DATA_HOME": "/data", "XDG_CACHE_HOME": "/cache"})
    assert places.home == Path("/data/workbench")
    assert places.cache == Path("/cache/workbench")


def test_without_variables_they_lie_in_the_users_home() -> None:
    places = find_places({"HOME": "/h"})
    assert places.home == Path("/h/.local/share/workbench")
    assert places.cache == Path("/h/.cache/workbench")


def test_workbench_home_wins_and_relative_xdg_values_do_not_count() -> None:
    places = find_places({"HOME": "/h", "WORKBENCH_HOME": "/w", "XDG_CACHE_HOME": "relative"})
    assert places.home == Path("/w")
    assert places.cache == Path("/h/.cache/workbench")
