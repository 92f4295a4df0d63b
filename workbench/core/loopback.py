"""Proxies and this machine's own addresses: what listens on loopback is never asked through a proxy."""

import os
from collections.abc import Mapping

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The exceptions from the user's proxies, loopback added, under both names: programs read one or the other."""
    said = ",".join(environment.get(name, "") for name in ("no_proxy", "NO_PROXY"))
    hosts = ",".join(dict.fromkeys([*filter(None, map(str.strip, said.split(","))), *_LOOPBACK]))
    return {"no_proxy": hosts, "NO_PROXY": hosts}
