"""`down`: ends what this project's set-up made, after naming it. Models, runs and the cache stay.

A dockerd of ours stays too while stacks that `down` leaves alone may run on it, unless the user wants it removed.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workbench.toolchain.cache import discard
from workbench.toolchain.cluster.cluster import remove_cluster
from workbench.toolchain.cluster.layout import layout
from workbench.toolchain.dockerd import chosen_host, ensure_docker, find_docker, recorded, remove
from workbench.toolchain.errors import CommandError, ToolchainError
from workbench.toolchain.images import holder, release
from workbench.toolchain.process import Log, read, say
from workbench.toolchain.record import read_record, update_record
from workbench.toolchain.shell import own_backend, variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Versions

_FOREIGN_SECONDS = 30.0
_HOLDS = {
    "chosen": "environments that `env set` chose",
    "keys": "services' keys",
    "logins": "logins of registries",
    "logs": "logs",
    "projects": "folders of projects",
    "pulumi": "plugins, credentials",
    "registry": "models, runs",
    "secrets": "the passphrase of the stacks' secrets",
    "state": "the stacks' states",
    "toolchain.json": "what the set-up made",
    "working": "working copies of remote registries",
}
_IMAGES = {"docker:index/registryImage:RegistryImage", "docker:index/remoteImage:RemoteImage"}


def down(places: Places, versions: Versions, *, sure: bool, with_dockerd: bool = False) -> None:
    """Destroy the stacks, then remove what we loaded and started; ask first unless `sure`.

    `with_dockerd` removes our dockerd although stacks that are left alone may run on it.

    Raises:
        ToolchainError: nobody is there to ask, or a stack cannot be destroyed; then nothing further is removed.

    """
    stacks, ours, tags = known_stacks(places), recorded(places), loaded_images(places)
    cluster = layout(places).root
    for line in left_alone(places):
        say(line)
    stays = ours if ours and not with_dockerd and may_run_here(places) else None
    if stays:
        tags = [] if chosen_host(places) == stays.host else tags
        say(
            f"kept: dockerd {stays.pid} with all its data in {stays.data}, because stacks that are left alone may run "
            "on it; destroy those first, or remove it with them: make down DOCKERD=1"
        )
    plan = [f"stack {stack}: all its resources" for stack in stacks]
    plan += [f"the test cluster, all that runs in it and its data in {cluster}"] if cluster.exists() else []
    plan += [f"dockerd {ours.pid} and all its data in {ours.data}"] if ours and not stays else []
    plan += [f"image {tag}" for tag in tags]
    if not plan:
        say("nothing to remove: no stack, no cluster, no dockerd and no images of ours")
        return
    say("this removes:")
    for line in plan:
        say(f"  {line}")
    going = {cluster} | (set() if stays else {places.dockerd, places.image_tags})
    say(f"kept: {', '.join(kept(places, going))}")
    if not sure and not _confirmed():
        say("nothing removed")
        return
    log = Log("down", places.logs / "down.log")
    for stack in stacks:
        destroy_stack(log, places, versions, stack)
    remove_cluster(log, places)
    remove_ground(log, places, with_dockerd=not stays)
    say("removed")


def kept(places: Places, going: set[Path]) -> list[str]:
    """Return what lies in the home and is not `going`, each with a word on what it is; and the cache and the .venv."""
    found = sorted(places.home.iterdir()) if places.home.is_dir() else []
    # Hidden files are locks.
    stays = [each for each in found if each not in going and not each.name.startswith(".")]
    told = [f"{place} ({_HOLDS[place.name]})" if place.name in _HOLDS else str(place) for place in stays]
    return [*told, f"{places.cache} (cache)", str(places.venv)]


def known_stacks(places: Places) -> list[str]:
    """Return this project's stacks in this home's own backend; [] where no pulumi was ever set up."""
    if not (places.state / ".pulumi").is_dir():
        return []
    return _listed(places, own_variables(places))


def left_alone(places: Places) -> list[str]:
    """Return a line for each stack that may run here and is not this home's: another backend's, another project's."""
    named = os.environ.get("PULUMI_BACKEND_URL", "")
    lines = []
    if is_foreign(named, places):
        where = _without_passwords(named)
        try:
            theirs = _listed(places, variables(places), seconds=_FOREIGN_SECONDS)
            by_hand = "pulumi destroy --stack"
            lines += [f"left alone: stack {name} in {where}; to destroy it, now: {by_hand} {name}" for name in theirs]
        except ToolchainError as error:
            lines.append(f"left alone: all stacks in {where}, which cannot be listed: {_without_passwords(str(error))}")
    if (places.state / ".pulumi").is_dir():
        others = [name for name in _listed(places, own_variables(places), "--all") if name.count("/") > 1]
        lines += [
            f"left alone: stack {name} of another project; to destroy it, now, in its folder: "
            f"pulumi destroy --stack {name}"
            for name in others
        ]
    return lines


def may_run_here(places: Places) -> bool:
    """Say whether stacks that are left alone may have resources on this home's engine."""
    counts: list[int | None] = []
    if is_foreign(os.environ.get("PULUMI_BACKEND_URL", ""), places):
        try:
            counts += [
                stack.get("resourceCount") for stack in _stacks(places, variables(places), seconds=_FOREIGN_SECONDS)
            ]
        except ToolchainError:
            return True
    if (places.state / ".pulumi").is_dir():
        every = _stacks(places, own_variables(places), "--all")
        counts += [stack.get("resourceCount") for stack in every if stack["name"].count("/") > 1]
    return any(count != 0 for count in counts)


def _without_passwords(text: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//", text)


def own_variables(places: Places) -> dict[str, str]:
    """Return what a shell needs to work on this home's own backend, whichever the user names."""
    return {**variables(places), "PULUMI_BACKEND_URL": own_backend(places)}


def is_foreign(url: str, places: Places) -> bool:
    """Say whether the user names another backend than this home's own file backend, however it is spelled."""
    path = urlsplit(url)
    if path.scheme == "file" and not path.netloc:
        return Path(path.path).expanduser().resolve() != places.state.resolve()
    return bool(url)


def _listed(places: Places, extra: Mapping[str, str], *options: str, seconds: float | None = None) -> list[str]:
    return [stack["name"] for stack in _stacks(places, extra, *options, seconds=seconds)]


def _stacks(
    places: Places, extra: Mapping[str, str], *options: str, seconds: float | None = None
) -> list[dict[str, Any]]:
    argv = ["pulumi", "stack", "ls", "--json", "--non-interactive", "--cwd", str(places.project), *options]
    found: list[dict[str, Any]] = json.loads(read(argv, extra=extra, seconds=seconds))
    return found


def loaded_images(places: Places) -> list[str]:
    """Return the tags of the base images on the engine that this home holds."""
    docker = find_docker(places)
    if docker is None:
        return []
    brought: dict[str, str] = read_record(places).get("images", {})
    return [tag for tag, host in brought.items() if host == docker.host and docker.image_id(holder(tag, places))]


def repositories(export: str) -> set[str]:
    """Return the repositories of the images that a stack, by its exported state, made; not those it copied from."""
    resources = json.loads(export)["deployment"].get("resources") or []
    names = [str(resource.get("outputs", {}).get("name", "")) for resource in resources if resource["type"] in _IMAGES]
    return {name.rpartition(":")[0] for name in names if ":" in name and "@" not in name}


def destroy_stack(log: Log, places: Places, versions: Versions, stack: str) -> None:
    """Destroy a stack's resources, then the stack; its Pulumi.<stack>.yaml is the user's and stays."""
    if recorded(places):
        ensure_docker(log, places, versions)  # resources end in the engine that runs them, even after a reboot
    log.say(f"destroying the stack {stack}")
    options = ["--stack", stack, "--yes", "--non-interactive"]
    export = ["pulumi", "stack", "export", "--stack", stack, "--cwd", str(places.project)]
    extra = own_variables(places)
    made = repositories(read(export, extra=extra))
    log.run(["pulumi", "destroy", *options], cwd=places.project, extra=extra)
    log.run(["pulumi", "stack", "rm", "--preserve-config", *options], cwd=places.project, extra=extra)
    _remove_tags(log, places, made)


def _remove_tags(log: Log, places: Places, made: set[str]) -> None:
    """Remove what a stack's updates left on the engine for rollbacks."""
    docker = find_docker(places)
    if docker is None:
        return
    for repository in sorted(made):
        tags = read(docker.command("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository)).split()
        for tag in tags:
            try:  # not by force: a container may need it, also one of another home
                log.run(docker.command("image", "rm", tag))
            except CommandError as error:
                log.say(f"{tag} stays: {error}")


def remove_ground(log: Log, places: Places, *, with_dockerd: bool) -> None:
    """Remove our images from an engine that is not ours, and our dockerd with all that it holds if it shall go."""
    ours, docker = recorded(places), find_docker(places)
    if docker and not (ours and docker.host == ours.host):
        for tag in reversed(loaded_images(places)):
            try:
                release(log, docker, tag, places)
            except CommandError as error:
                log.say(f"{tag} stays: {error}")
            update_record(places, "images", tag, None)
    if ours and not with_dockerd:
        return
    if ours:
        log.say(f"stopping dockerd {ours.pid} and removing its data")
        remove(places, ours)
    discard(places.image_tags)


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise ToolchainError("`down` asks before it removes, and nobody is there to answer; add YES=1 or --yes")
    return input("remove all this? [y/N] ").strip().lower() in {"y", "yes"}
