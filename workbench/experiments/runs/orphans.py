"""What killed submits left where runs happen: containers and Jobs of this registry's runs that nobody is behind.

Other people's runs in the same place are unknown here, and stay.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workbench.experiments.configurations import compute, run_configuration
from workbench.experiments.runs import run_record
from workbench.experiments.targets import orphans
from workbench.experiments.targets.engine import Engine


class Place(Protocol):
    """Where runs happen: an engine, or a namespace of a cluster."""

    kind: str  # what a run is there

    def left(self) -> dict[str, list[str]]:
        """What runs have there by name, with the ids of the runs in it. Raises TargetError."""

    def remove(self, name: str) -> None:
        """Remove one with all that it holds. Raises TargetError."""


@dataclass(frozen=True)
class Orphan:
    """A container or Job by its name, the run that it was for (the first of them), and what its record says."""

    name: str
    run_id: str
    status: str


class _Containers:
    kind = "container"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def left(self) -> dict[str, list[str]]:
        return {name: [run_id] for name, run_id in orphans.containers(self._engine).items()}

    def remove(self, name: str) -> None:
        orphans.remove_container(self._engine, name)


def place(configuration: str, target: str | None) -> Place | None:
    """Where runs of a configuration happen, None where they leave nothing. Raises WorkbenchError."""
    project = run_configuration.project()
    where = compute.load(project, target or run_configuration.load(project, configuration).target)
    if where.type == "kubernetes":
        from workbench.experiments.targets.kubernetes.orphans import Jobs  # with the cluster's client

        return Jobs(where)
    if where.type == "local":
        return None
    from workbench.experiments.targets.docker import Docker  # other verbs of runs need none of it

    return _Containers(Docker.of(where).engine)


def read(there: Place, root: Path | None = None) -> list[Orphan]:
    """What nobody will come back to. Raises TargetError or RunError."""
    left = there.left()
    # Records are read after the list: a run writes its record before it is anywhere.
    known = {str(run["id"]): str(run["status"]) for run in run_record.list_all(root)}
    found = [Orphan(name, ids[0], status) for name, ids in left.items() if (status := _status(ids, known))]
    return sorted((each for each in found if each.status != run_record.RUNNING), key=lambda each: each.run_id)


def remove(there: Place, remains: Sequence[Orphan]) -> None:
    """Remove them with all that they hold. Raises TargetError."""
    for orphan in remains:
        there.remove(orphan.name)


def _status(ids: Iterable[str], known: dict[str, str]) -> str:
    """That of the runs in one thing: running while one of them is; "" for runs that are not ours."""
    found = [known[each] for each in ids if each in known]
    return run_record.RUNNING if run_record.RUNNING in found else next(iter(found), "")
