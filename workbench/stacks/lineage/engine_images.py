"""Images that this home's stacks left on the engine, so that going back builds nothing; no container uses them."""

import json
import time
from collections.abc import Collection
from datetime import datetime

from workbench.experiments.targets import TargetError
from workbench.experiments.targets.engine import Engine
from workbench.stacks.lineage.reach import Kind, Thing

_MANIFEST = "workbench.manifest"


def read(registries: Collection[str]) -> list[Thing]:
    """Each name of an image in one of these registries that no container uses. Raises TargetError.

    Images of others on the same engine are none of ours, whatever they are made of.
    """
    engine = Engine(None)
    ids = set(engine.read("image", "ls", "--quiet", "--no-trunc", "--filter", f"label={_MANIFEST}").split())
    if not ids or not registries:
        return []
    running = engine.read("container", "ls", "--all", "--no-trunc", "--format", "{{.ID}}").split()
    used = set(engine.read("container", "inspect", "--format", "{{.Image}}", *running).split()) if running else set()
    return [
        Thing(
            kind=Kind.image,
            place=name,
            age=_age(each["Created"]),
            size=int(each["Size"]),
            manifest=each["Config"]["Labels"][_MANIFEST],
        )
        for each in json.loads(engine.read("image", "inspect", *sorted(ids - used)) if ids - used else "[]")
        for name in names(each["RepoTags"] or [], each["RepoDigests"] or [], registries)
    ]


def names(tags: Collection[str], digests: Collection[str], registries: Collection[str]) -> list[str]:
    """What has to be taken off for an image to go: its tags; its digests only where a repository has no tag of it.

    The engine forgets a repository's digests with its last tag, so that nobody need take them off as well.
    """
    ours = tuple(f"{registry}/" for registry in registries)
    tagged = {tag.rpartition(":")[0] for tag in tags}
    alone = [digest for digest in digests if digest.partition("@")[0] not in tagged]
    return [name for name in (*tags, *alone) if name.startswith(ours)]


def remove(thing: Thing) -> bool:
    """Take one name off the engine; False where somebody was faster, or a container uses the image by now."""
    try:
        Engine(None).read("image", "rm", thing.place)
    except TargetError as error:
        if "No such image" in str(error) or "is using" in str(error):
            return False
        raise
    return True


def _age(created: str) -> float:
    """Seconds since an image was built."""
    return time.time() - datetime.fromisoformat(created).timestamp()
