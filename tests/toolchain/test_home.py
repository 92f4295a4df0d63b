from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.toolchain.home import ensure_home

if TYPE_CHECKING:
    from workbench.toolchain.places import Places
    from workbench.toolchain.process import Log


def test_the_home_is_for_this_user_alone(places: Places, log: Log) -> None:
    assert ensure_home(log, places)
    assert places.home.stat().st_mode & 0o777 == 0o700
    assert places.passphrase.stat().st_mode & 0o777 == 0o600
    assert len(places.passphrase.read_text().strip()) >= 32


def test_a_passphrase_is_made_once(places: Places, log: Log) -> None:
    ensure_home(log, places)
    before = places.passphrase.read_text()
    assert not ensure_home(log, places)
    assert places.passphrase.read_text() == before
