"""`up`: from a bare machine to a service that answers, every step as early as what it needs is there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workbench.toolchain import service
from workbench.toolchain.dockerd import ensure_docker, find_docker
from workbench.toolchain.engines import ensure_engine, ensure_plugin, find_engine
from workbench.toolchain.errors import MissingError
from workbench.toolchain.home import ensure_home
from workbench.toolchain.images import ensure_images
from workbench.toolchain.process import Log, say
from workbench.toolchain.steps import Outcome, Step, outcome, run_steps
from workbench.toolchain.venv import ensure_venv

if TYPE_CHECKING:
    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Engine, Versions

_PULUMI = "pulumi"


def up(places: Places, versions: Versions, *, with_stack: bool) -> None:
    """Bring everything; say what to try next, or that nothing changed.

    Raises:
        StepsError: a step failed.

    """
    steps = ground(places, versions)
    if with_stack:
        steps += service.steps(places, needs=tuple(step.name for step in steps))
    changed = run_steps(steps, places.logs).changed
    say(f"changed: {', '.join(changed)}" if changed else "nothing changed: everything is as it should be")
    if with_stack:
        service.tell(places)


def ground(places: Places, versions: Versions) -> list[Step]:
    """Return the steps that bring the engines, the environment, dockerd and the base images."""
    default = [engine for engine in versions.engines.values() if engine.default]
    # A project outside of this tree made its own, and runs us from it.
    venv = [] if places.outside else [Step("venv", ("home",), lambda log: outcome(ensure_venv(log, places, versions)))]
    return [
        Step("home", (), lambda log: outcome(ensure_home(log, places))),
        *venv,
        Step("docker", ("home",), lambda log: outcome(ensure_docker(log, places, versions))),
        image_step(places, versions),
        *(step for engine in default for step in engine_steps(engine, places, versions)),
    ]


def image_step(places: Places, versions: Versions, *asked: str) -> Step:
    """Return the step that brings the base images, and those `asked` for that `up` leaves out."""
    return Step("images", ("docker",), lambda log: outcome(_images(log, places, versions, *asked)))


def engine_steps(engine: Engine, places: Places, versions: Versions) -> list[Step]:
    """Return the steps that bring one engine; a provider is installed as a plugin of pulumi too."""
    bring = Step(engine.name, ("home",), lambda log: outcome(ensure_engine(log, engine, places, versions)))
    if not engine.plugin:
        return [bring]
    install = partial(_plugin, engine=engine, places=places, versions=versions)
    return [bring, Step(f"plugin {engine.plugin}", (_PULUMI, engine.name), install)]


def _images(log: Log, places: Places, versions: Versions, *asked: str) -> bool:
    docker = find_docker(places)
    if docker is None:
        raise MissingError("the docker engine answers no more; run the same command again")
    return ensure_images(log, places, docker, versions, *asked)


def _plugin(log: Log, engine: Engine, places: Places, versions: Versions) -> Outcome:
    provider, pulumi = find_engine(engine, places), find_engine(versions.engines[_PULUMI], places)
    if provider is None or pulumi is None:
        raise MissingError(f"{engine.name} or pulumi is not there any more; run the same command again")
    program = pulumi.folder / _PULUMI
    return outcome(ensure_plugin(log, engine, places, program, provider.folder))
