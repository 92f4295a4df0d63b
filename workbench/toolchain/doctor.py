"""`doctor`: what is here, in which version and from where, and what to do about what is not. Changes nothing."""

from __future__ import annotations

import json
from dataclasses import KW_ONLY, asdict, dataclass
from typing import TYPE_CHECKING

from workbench.toolchain.cluster.cluster import running_nodes
from workbench.toolchain.cluster.control import ENGINE as CLUSTER
from workbench.toolchain.cluster.layout import layout
from workbench.toolchain.debian import architecture
from workbench.toolchain.docker import DEFAULT_HOST, find_client
from workbench.toolchain.dockerd import chosen_host, find_docker, recorded, recorded_network
from workbench.toolchain.engines import find_engine
from workbench.toolchain.faults import find_faults
from workbench.toolchain.golang import find_go, go_version
from workbench.toolchain.images import plan
from workbench.toolchain.venv import is_current, lock_file, python_version

if TYPE_CHECKING:
    from workbench.toolchain.docker import Docker
    from workbench.toolchain.engines import Found
    from workbench.toolchain.images import Image
    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Engine, Versions


@dataclass(frozen=True)
class Finding:
    """One thing looked for; `advice` is empty when it was found."""

    name: str
    found: bool
    _: KW_ONLY
    needed: bool = True
    version: str = ""
    origin: str = ""
    advice: str = ""


def examine(places: Places, versions: Versions) -> list[Finding]:
    """Look for everything that `up` brings."""
    return [
        _venv(places),
        *_engines(places, versions),
        _go(places, versions),
        *_docker(places, versions),
        _cluster(places, versions),
    ]


def as_text(findings: list[Finding]) -> str:
    """Return one aligned line a finding."""
    width = max(len(finding.name) for finding in findings)
    return "".join(f"{_mark(finding):9}{finding.name:{width}}  {_words(finding)}\n" for finding in findings)


def as_json(findings: list[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in findings], indent=2) + "\n"


def is_healthy(findings: list[Finding]) -> bool:
    return all(finding.found or not finding.needed for finding in findings)


def _mark(finding: Finding) -> str:
    if finding.found:
        return "found"
    return "missing" if finding.needed else "optional"


def _words(finding: Finding) -> str:
    return f"{finding.version} from {finding.origin}".strip() if finding.found else finding.advice


def _venv(places: Places) -> Finding:
    if is_current(places) if places.outside is None else (places.venv / "bin" / "python").exists():
        return Finding("python environment", found=True, version=python_version(places), origin=str(places.venv))
    if places.outside:
        return Finding("python environment", found=False, advice=f"{places.venv} is missing; run `make engines` there")
    lock = lock_file(places).name
    return Finding("python environment", found=False, advice=f"{places.venv} is not as {lock} says; run `make up`")


def _engines(places: Places, versions: Versions) -> list[Finding]:
    return [_engine(engine, find_engine(engine, places)) for engine in versions.engines.values()]


def _engine(engine: Engine, found: Found | None) -> Finding:
    if found:
        origin = f"{found.origin} ({found.folder})"
        return Finding(engine.name, found=True, needed=engine.default, version=found.version, origin=origin)
    how = "make up" if engine.default else f"python3 -m workbench.toolchain build {engine.name}"
    advice = f"{engine.version} is neither on PATH nor in the cache; run `{how}`"
    return Finding(engine.name, found=False, needed=engine.default, advice=advice)


def _go(places: Places, versions: Versions) -> Finding:
    go = find_go(places, versions)
    if go:
        return Finding("go", found=True, needed=False, version=go_version(go) or "", origin=str(go))
    advice = f"only needed to build engines; `make up` fetches {versions.go.version} from the module proxy then"
    return Finding("go", found=False, needed=False, advice=advice)


def _docker(places: Places, versions: Versions) -> list[Finding]:
    docker, ours = find_docker(places), recorded(places)
    if docker is None:
        host = chosen_host(places)
        advice = "our dockerd is down; run `make up`" if ours else "no engine answers; run `make up` as root"
        if host != (ours.host if ours else DEFAULT_HOST):
            advice = f"DOCKER_HOST={host} does not answer; start that engine or unset DOCKER_HOST"
        if find_client() is None:
            advice = "no docker client; install docker.io or run `make up` as root"
        return [Finding("docker engine", found=False, advice=advice)]
    owner = "us, " if ours and ours.host == docker.host else ""
    version = docker.server_version() or ""
    engine = Finding("docker engine", found=True, version=version, origin=f"{owner}{docker.host}")
    images = plan(versions, architecture()).values()
    return [
        engine,
        _network(places, docker),
        *(_image(image, docker, needed=image.name not in versions.on_demand) for image in images),
    ]


def _network(places: Places, docker: Docker) -> Finding:
    ours = recorded(places)
    mine = recorded_network(places) if ours and ours.host == docker.host else None
    faults = find_faults(docker, mine)
    if not faults:
        where = f"{mine.block} by {mine.bridge}" if mine else docker.host
        return Finding("docker network", found=True, origin=where)
    mend = "run `make up` as root: it restarts our dockerd, services pause for some seconds"
    first, more = faults[0], f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Finding(
        "docker network", found=False, advice=f"{first.what}{more}; {mend if first.is_ours else first.advice}"
    )


def _cluster(places: Places, versions: Versions) -> Finding:
    if nodes := running_nodes(places):
        version, origin = versions.engines[CLUSTER].version, str(layout(places).kubeconfig)
        version += f", {nodes} nodes" if nodes > 1 else ""
        return Finding("cluster", found=True, needed=False, version=version, origin=origin)
    advice = "only for tests of Kubernetes; run `python3 -m workbench.toolchain cluster up` as root"
    return Finding("cluster", found=False, needed=False, advice=advice)


def _image(image: Image, docker: Docker, *, needed: bool) -> Finding:
    name = f"image {image.name}"
    if docker.image_id(image.tag):
        return Finding(name, found=True, needed=needed, version=image.key, origin=docker.host)
    how = "make up" if needed else f"python3 -m workbench.toolchain build {image.name}"
    return Finding(name, found=False, needed=needed, advice=f"{image.tag} is not in the engine; run `{how}`")
