"""The environment that a shell, pulumi and the tests need: computed from the record, printed as export lines."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from workbench.toolchain.dockerd import chosen_host
from workbench.toolchain.record import read_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.toolchain.places import Places

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def variables(places: Places, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables of docs/handover.md, none of them secret; PATH keeps what it had behind ours."""
    found = read_record(places).get("engines", {})
    # Providers are installed as plugins; on PATH they would overrule them.
    engines = [entry["folder"] for entry in found.values() if not entry["plugin"]]
    return {
        "WORKBENCH_HOME": str(places.home),
        "PATH": first_on_path([str(places.venv / "bin"), *engines], environment.get("PATH", "")),
        "PULUMI_HOME": str(places.pulumi_home),
        "PULUMI_BACKEND_URL": environment.get("PULUMI_BACKEND_URL") or own_backend(places),
        "PULUMI_CONFIG_PASSPHRASE_FILE": environment.get("PULUMI_CONFIG_PASSPHRASE_FILE") or str(places.passphrase),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "DOCKER_HOST": chosen_host(places, environment),
        **without_proxy(environment),
    }


def without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the exceptions from the user's proxies, loopback added, under both names: gRPC reads the small one."""
    said = ",".join(environment.get(name, "") for name in ("no_proxy", "NO_PROXY"))
    hosts = ",".join(dict.fromkeys([*filter(None, map(str.strip, said.split(","))), *_LOOPBACK]))
    return {"no_proxy": hosts, "NO_PROXY": hosts}


def own_backend(places: Places) -> str:
    """Return the address of the home's own file backend."""
    return f"file://{places.state}"


def first_on_path(folders: list[str], path: str) -> str:
    """Put folders before a PATH, each once, so that evaluating it twice changes nothing."""
    return os.pathsep.join(dict.fromkeys([*folders, *path.split(os.pathsep)]))


def export_lines(settings: Mapping[str, str]) -> str:
    """Return lines that sh, bash, zsh and fish evaluate alike."""
    return "".join(f"export {name}={_quoted(value)}\n" for name, value in settings.items())


def _quoted(value: str) -> str:
    return shlex.quote(value) if "'" in value else f"'{value}'"
