from __future__ import annotations

from toolchain.network import removals

LISTED = """-P FORWARD DROP
-N DOCKER
-N DOCKER-USER
-N MINE
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i br-44ac7483b1d2 ! -o br-44ac7483b1d2 -j ACCEPT
-A FORWARD -s 10.244.0.0/16 -m comment --comment "not docker\'s" -j MINE
-A DOCKER-USER -j RETURN
"""


def test_a_dockerds_rules_go_before_its_chains_and_others_stay() -> None:
    calls = removals(LISTED)

    assert [call[0] for call in calls] == ["-D"] * 4 + ["-X"] * 2
    assert calls[0] == ["-D", "FORWARD", "-j", "DOCKER-USER"]
    assert calls[3] == ["-D", "DOCKER-USER", "-j", "RETURN"]
    assert not [call for call in calls if "MINE" in call]


def test_a_table_that_no_dockerd_touched_stays_as_it_is() -> None:
    assert removals("-P INPUT ACCEPT\n-P FORWARD ACCEPT\n") == []
