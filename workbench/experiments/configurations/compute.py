"""What `aml_config/NAME.compute` says: a place where runs happen. Starts nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.core import grammars
from workbench.experiments.configurations import run_configuration, settings_file
from workbench.experiments.configurations.settings_file import ANY, COUNT, FLAG, NUMBER, TEXT, Settings

Kind = Literal["local", "docker", "remotedocker", "kubernetes"]

_IMAGES = frozenset({"baseDockerImage", "sharedVolumes", "nativeSharedDirectory", "nvidiaDocker", "pythonLocation"})
_CONTAINER = _IMAGES | {"userManagedEnvironment", "network", "cpus", "memory"}
_BY_TYPE: dict[str, frozenset[str]] = {
    "local": frozenset({"pythonLocation", "userManagedEnvironment", "nativeSharedDirectory", "sharedVolumes"}),
    "docker": _CONTAINER,
    "remotedocker": _CONTAINER | {"address", "username", "password"},
    "kubernetes": _CONTAINER - {"sharedVolumes", "nativeSharedDirectory"}
    | {"kubeconfig", "context", "namespace", "registry", "pullSecret", "retries", "limitSeconds", "waitSeconds"},
}
_RETIRED = {
    "remote": "runs need a docker engine over there: write type: remotedocker",
    "cluster": "HDInsight clusters are gone: write type: docker with Framework: PySpark in the run configuration",
}
_KEYS = {
    "type": settings_file.one_of(*_BY_TYPE, *_RETIRED),
    "baseDockerImage": TEXT,
    "address": TEXT,
    "username": TEXT,
    "password": ANY,
    "sharedVolumes": FLAG,
    "nvidiaDocker": FLAG,
    "nativeSharedDirectory": TEXT,
    "userManagedEnvironment": FLAG,
    "pythonLocation": TEXT,
    "network": TEXT,
    "cpus": NUMBER,
    "memory": TEXT,
    "kubeconfig": TEXT,
    "context": TEXT,
    "namespace": TEXT,
    "registry": TEXT,
    "pullSecret": TEXT,
    "retries": COUNT,
    "limitSeconds": COUNT,
    "waitSeconds": COUNT,
}
_GRAMMARS = {
    "address": grammars.ADDRESS,
    "username": grammars.USER,
    "network": grammars.NETWORK,
    "memory": grammars.MEMORY,
    "baseDockerImage": grammars.IMAGE,
    "nativeSharedDirectory": grammars.FOLDER,
    "pythonLocation": grammars.PROGRAM,
    "namespace": grammars.NAMESPACE,
    "registry": grammars.REGISTRY,
    "pullSecret": grammars.SECRET,
}


@dataclass(frozen=True, kw_only=True)
class Compute:
    """One file, typed. `python` is the interpreter, `cpus` are cores, `memory` is as docker writes it.

    `base_image` is None for the project's own; `shared_directory` lies on the machine of the engine. Of a cluster:
    `kubeconfig`, `context` and `namespace` are "" where kubectl's own apply; images go to `registry`; a failed run has
    `retries` more attempts, each may take `limit_seconds`; `wait_seconds` are for room in the cluster.
    """

    name: str
    type: Kind
    base_image: str | None = None
    address: str | None = None
    username: str | None = None
    shared_directory: str | None = None
    gpu: bool = False
    user_managed: bool = False
    python: str | None = None
    network: str = "none"
    cpus: float | None = None
    memory: str = "2g"
    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    registry: str = ""
    pull_secret: str | None = None
    retries: int = 0
    limit_seconds: int | None = None
    wait_seconds: int = 300


def load(folder: Path, name: str) -> Compute:
    """The compute of a project. Raises ConfigurationError, or ParameterError for a name that can't be."""
    path = run_configuration.file(folder, name, "compute")
    known = ", ".join(sorted(each.stem for each in path.parent.glob("*.compute")))
    there = f"there is {known}; or " if known else ""
    settings = settings_file.read(path, _KEYS, f'{there}write one with the line type: "docker" (or "local")')
    _check(settings)
    return Compute(
        name=name,
        type=settings.get("type"),
        base_image=settings.get("baseDockerImage"),
        address=settings.get("address"),
        username=settings.get("username"),
        shared_directory=settings.get("nativeSharedDirectory") if settings.get("sharedVolumes", True) else None,
        gpu=settings.get("nvidiaDocker", False),
        user_managed=settings.get("userManagedEnvironment", False),
        python=settings.get("pythonLocation"),
        network=settings.get("network", "none"),
        cpus=settings.get("cpus"),
        memory=settings.get("memory", "2g"),
        kubeconfig=_kubeconfig(folder, settings.get("kubeconfig", "")),
        context=settings.get("context", ""),
        namespace=settings.get("namespace", ""),
        registry=settings.get("registry", ""),
        pull_secret=settings.get("pullSecret"),
        retries=settings.get("retries", 0),
        limit_seconds=settings.get("limitSeconds") or None,
        wait_seconds=settings.get("waitSeconds", 300),
    )


def _kubeconfig(folder: Path, named: str) -> str:
    """A path from the project's folder, as the file lies in it."""
    return str(folder / Path(named).expanduser()) if named else ""


def _check(settings: Settings) -> None:
    if "type" not in settings.keys:
        raise settings.error("type", f"is missing; it is one of {', '.join(_BY_TYPE)}")
    kind = settings.get("type")
    if kind in _RETIRED:
        raise settings.error("type", f"{kind}: {_RETIRED[kind]}")
    for key in settings.keys:
        if key != "type" and key not in _BY_TYPE[kind]:
            raise settings.error(key, f"has no meaning for type {kind}; remove the line")
        if key in _GRAMMARS and not _GRAMMARS[key].fits(settings.get(key)):
            raise settings.error(key, f"{settings.get(key)!r} is not {_GRAMMARS[key].words}")
    if "password" in settings.keys:
        raise settings.error(
            "password", "secrets have no place in files; run ssh-copy-id once for the address, and remove the line"
        )
    if kind == "remotedocker" and "address" not in settings.keys:
        raise settings.error("address", "is missing; write the host that ssh reaches, such as build.example.com")
    if kind == "kubernetes" and "registry" not in settings.keys:
        raise settings.error(
            "registry", "is missing; write where images are pushed for the cluster, such as registry.example.com/team"
        )
    if settings.get("userManagedEnvironment") and kind != "local" and "baseDockerImage" not in settings.keys:
        raise settings.error("userManagedEnvironment", "needs baseDockerImage, the image that you manage")
