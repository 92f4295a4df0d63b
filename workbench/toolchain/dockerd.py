"""A dockerd of ours: started by hand on a machine that has none, stopped by its recorded pid, removed with its data.

A dockerd that answers already is used and never touched. On a systemd machine the package's own service is the engine.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import asdict
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.toolchain import network
from workbench.toolchain.addresses import choose_block
from workbench.toolchain.cache import discard, locked, write_atomically
from workbench.toolchain.daemon import Daemon, end_orphans, start_time, stop
from workbench.toolchain.docker import DEFAULT_HOST, Docker, find_client, has_socket
from workbench.toolchain.engine_settings import read_persons_settings, settings
from workbench.toolchain.errors import MissingError
from workbench.toolchain.faults import find_faults
from workbench.toolchain.kernel import routes
from workbench.toolchain.packages import ensure_packages, is_root
from workbench.toolchain.record import read_record, update_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.toolchain.places import Places
    from workbench.toolchain.process import Log
    from workbench.toolchain.versions import Versions

_START_SECONDS = 60.0
# sun_path holds 108 bytes; containerd adds this to the exec root.
_LONGEST_SOCKET = 107
_DEEPEST_SOCKET = "exec/containerd/containerd.sock.ttrpc"
_ADDRESSES = Path("/run/workbench/addresses.lock")
_PROGRAMS = "/usr/sbin:/usr/bin:/sbin:/bin"


def recorded(places: Places) -> Daemon | None:
    """Return the dockerd that a set-up recorded, alive or not."""
    entry: dict[str, Any] | None = read_record(places).get("dockerd", {}).get("daemon")
    return Daemon(**entry) if entry else None


def runtime_folder(places: Places) -> Path:
    """Return where sockets lie: in the home, unless its path is too long for a unix socket."""
    if len(os.fsencode(places.dockerd / _DEEPEST_SOCKET)) <= _LONGEST_SOCKET:
        return places.dockerd
    return Path("/run") / f"workbench-{places.mark}"


def chosen_host(places: Places, environment: Mapping[str, str] = os.environ) -> str:
    """Return the engine's address: the one the user names, else ours if we have one, else the default socket.

    The default socket and ours are no choice of the user's: `make env` names them, whether or not they answer by now.
    """
    named, ours = environment.get("DOCKER_HOST"), recorded(places)
    if named and named not in {DEFAULT_HOST, f"unix://{runtime_folder(places)}/docker.sock"}:
        return named
    return ours.host if ours else DEFAULT_HOST


def find_docker(places: Places, environment: Mapping[str, str] = os.environ) -> Docker | None:
    """Return the engine if it answers; start nothing."""
    client, host = find_client(), chosen_host(places, environment)
    docker = Docker(client, host) if client and has_socket(host) else None
    return docker if docker and docker.server_version() else None


def recorded_network(places: Places) -> network.Network | None:
    """Return the names and addresses that our dockerd has; None if they were never chosen."""
    entry: dict[str, str] | None = read_record(places).get("dockerd", {}).get("network")
    return network.Network(entry["mark"], IPv4Network(entry["block"])) if entry else None


def ensure_docker(log: Log, places: Places, versions: Versions, environment: Mapping[str, str] = os.environ) -> bool:
    """Have an engine that answers and whose network is whole; return whether a dockerd of ours was (re)started.

    Raises:
        MissingError: there is none and we may not, or cannot, start one; or the network of one of ours stays broken.

    """
    with locked(places.home / ".dockerd.lock", lambda: log.say("waits for another set-up's dockerd")):
        if docker := find_docker(places, environment):
            return _mend(log, places, docker)
        ours, host = recorded(places), chosen_host(places, environment)
        if host != (ours.host if ours else DEFAULT_HOST):
            raise MissingError(f"DOCKER_HOST={host} does not answer; start that engine or unset DOCKER_HOST")
        if not is_root():
            raise MissingError(
                f"no docker engine answers on {host}; ask root to install docker.io and to add you to the group "
                "docker, or set DOCKER_HOST"
            )
        ensure_packages(log, versions.debian.dockerd, "a docker engine")
        if find_docker(places, environment):
            log.say("the package's own service answers")
        else:
            _start(log, places)
        return True


def _mend(log: Log, places: Places, docker: Docker) -> bool:
    """Restart our dockerd if its network is broken, which makes all of it anew; of others' engines only tell."""
    ours = recorded(places)
    is_ours = ours is not None and docker.host == ours.host
    faults = find_faults(docker, recorded_network(places) if is_ours else None)
    for fault in faults:
        log.say(
            f"{docker.host}: {fault.what}; {'restarting our dockerd' if is_ours and fault.is_ours else fault.advice}"
        )
    if ours is None or not is_ours or not any(fault.is_ours for fault in faults):
        return False
    if not is_root():
        raise MissingError("only root can restart our dockerd; run `make up` as root")
    stop(ours)
    _start(log, places)
    if left := [fault for fault in find_faults(docker, recorded_network(places)) if fault.is_ours]:
        raise MissingError(f"{left[0].what} still after a restart of dockerd; read {places.dockerd / 'log'}")
    return True


def _ensure_network(places: Places) -> network.Network:
    """Have the network that our dockerd has had, or one with free addresses on its first start.

    Raises:
        MissingError: parts of its addresses lead to somebody else by now, or the kernel makes no bridge.

    """
    with locked(_ADDRESSES):  # two homes that start at once look for free addresses one after the other
        mine = recorded_network(places)
        if mine is None:
            # The mark is kept: the home may be spelled in another way the next time.
            mine = network.Network(places.mark, choose_block(int(places.mark, 16), (each.network for each in routes())))
            entry = {"mark": mine.mark, "block": str(mine.block)}
            update_record(places, "dockerd", "network", entry)
        for route in network.strangers(mine, network.own_bridges(mine, places.dockerd / "data")):
            if route.network.subnet_of(mine.block):
                raise MissingError(
                    f"addresses of our dockerd, {mine.block}, belong to {route.device} by now ({route.network}); end "
                    f"what made {route.device}, then run the same command again"
                )
        network.prepare(mine, places.dockerd / "bin")
        return mine


def _start(log: Log, places: Places) -> None:
    runtime = runtime_folder(places)
    data = places.dockerd / "data"
    for folder in (places.dockerd, runtime):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear_stale(runtime)
    mine = _ensure_network(places)
    chosen = settings(mine, data, runtime, read_persons_settings())
    write_atomically(places.dockerd / "daemon.json", json.dumps(chosen, indent=2) + "\n", mode=0o600)
    log.say(f"starting dockerd with its data in {data}")
    with (places.dockerd / "log").open("ab") as output:
        process = subprocess.Popen(
            ["/usr/sbin/dockerd", "--config-file", str(places.dockerd / "daemon.json")],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
            # Our iptables, then Debian's containerd and runc beside Debian's dockerd, whatever else is on PATH.
            env={**os.environ, "PATH": f"{places.dockerd / 'bin'}:{_PROGRAMS}"},
        )
    daemon = Daemon(process.pid, start_time(process.pid) or 0, str(data), str(runtime))
    update_record(places, "dockerd", "daemon", asdict(daemon))
    docker = Docker(find_client() or Path("/usr/bin/docker"), daemon.host)
    deadline = time.monotonic() + _START_SECONDS
    while docker.server_version() is None:
        if process.poll() is not None or time.monotonic() > deadline:
            stop(daemon)
            raise MissingError(f"dockerd did not come up within {_START_SECONDS:.0f} s; read {places.dockerd / 'log'}")
        time.sleep(0.2)


def _clear_stale(runtime: Path) -> None:
    """Forget pids of before a crash or a reboot: they may be a stranger's by now, and dockerd would refuse to start."""
    end_orphans(runtime)
    for stale in ("dockerd.pid", "docker.sock", "exec/containerd/containerd.pid", "exec/containerd/containerd.sock"):
        (runtime / stale).unlink(missing_ok=True)


def remove(places: Places, daemon: Daemon) -> None:
    """Stop our dockerd and remove its data, its sockets, its part of the kernel's network and its record.

    Raises:
        MissingError: something is mounted in its data still, and might be removed with it.

    """
    stop(daemon)
    mine = recorded_network(places)
    bridges = network.own_bridges(mine, places.dockerd / "data") if mine else set()
    for folder in (places.dockerd, runtime_folder(places)):
        for mount in _mounts(folder):
            subprocess.run(["umount", "--lazy", mount], check=False)
        if left := _mounts(folder):
            raise MissingError(f"{left[0]} cannot be unmounted; unmount it by hand, then run `make down` again")
        discard(folder)
    if mine:
        network.remove(mine, bridges)
    for key in ("daemon", "network"):
        update_record(places, "dockerd", key, None)


def _mounts(folder: Path) -> list[str]:
    return mounts_under(folder, Path("/proc/self/mountinfo").read_text(encoding="utf-8"))


def mounts_under(folder: Path, mountinfo: str) -> list[str]:
    """Return the mount points under `folder`, the deepest first."""
    # The kernel writes a blank in a path as an octal escape.
    points = [line.split()[4].encode().decode("unicode_escape") for line in mountinfo.splitlines()]
    return sorted((point for point in points if Path(point).is_relative_to(folder)), key=len, reverse=True)
