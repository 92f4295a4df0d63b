"""What is reached from stacks, and what is left over. Decides from facts alone; reads and removes nothing.

    stack's file or state ─▶ manifest ─▶ wheels ─▶ unpacked packages
                                 └─────▶ folders that its images are built from, images on the engine

What was made or used a short while ago is kept whoever reaches it: somebody may be about to pin it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from workbench.stacks.lineage.uses import Uses


class Kind(StrEnum):
    """What can be left over, in the order of its removal."""

    manifest = "manifest"
    context = "context"
    wheels = "wheels"
    packages = "packages"
    image = "image"
    leftover = "leftover"


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something that takes room: `place` is its path, key or reference, `age` the seconds since it was last used.

    `manifest` is its own id, or the one that it was made of; `requirements` are 64 hex digits of what it needs or is.
    """

    kind: Kind
    place: str
    age: float
    size: int
    manifest: str = ""
    requirements: str = ""


def unreached(things: Iterable[Thing], uses: Uses, seconds: float) -> list[Thing]:
    """What nothing reaches and nobody used for `seconds`, in the order of its removal."""
    found = list(things)
    manifests = [each for each in found if each.kind is Kind.manifest]
    kept = [manifest for manifest in manifests if manifest.manifest in uses.manifests or manifest.age <= seconds]
    alive = uses.manifests | {each.manifest for each in kept}
    needed = {each.requirements for each in kept}
    gone = [each for each in found if each.age > seconds and not _reached(each, uses, alive, needed)]
    return sorted(gone, key=lambda each: (list(Kind).index(each.kind), each.place))


def _reached(thing: Thing, uses: Uses, alive: Iterable[str], needed: Iterable[str]) -> bool:
    match thing.kind:
        case Kind.manifest | Kind.context:
            return thing.manifest in alive
        case Kind.wheels | Kind.packages:
            return thing.requirements in needed
        case Kind.image:
            return thing.manifest in uses.manifests or thing.place in uses.images
        case Kind.leftover:
            return False
