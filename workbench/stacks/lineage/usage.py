"""Who holds, pins and runs model versions: rows of facts. Decides from what was read; reads nothing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from workbench.registry.models.model_version import ModelVersion
from workbench.stacks.lineage.holdings import Holding
from workbench.stacks.lineage.uses import Uses

Row = dict[str, Any]


def rows(versions: Iterable[ModelVersion], holdings: Sequence[Holding], uses: Uses) -> list[Row]:
    """A row for each service of each stack that pins or runs a manifest with one of the versions.

    A manifest that nobody uses has a row without a stack. `running` is None where the states could not be read.
    """
    return [
        row
        for version in versions
        for held in holdings
        if held.holds(version)
        for row in _of_manifest(version.label, held.id, uses)
    ]


def _of_manifest(label: str, manifest: str, uses: Uses) -> Iterator[Row]:
    pins = {(each.stack, each.service): each for each in uses.pins if each.manifest == manifest}
    servings = {(each.stack, each.service): each for each in uses.servings if each.manifest == manifest}
    for place in dict.fromkeys([*pins, *servings]) or [("", "")]:
        pin, serving = pins.get(place), servings.get(place)
        yield {
            "model": label,
            "manifest": manifest,
            "stack": place[0],
            "service": place[1],
            "pinned": pin is not None,
            "running": None if uses.unseen else serving is not None,
            "url": serving.url if serving else "",
            "image": serving.image if serving else pin.image if pin else "",
        }
