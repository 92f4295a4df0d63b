"""Stops this program where a policy refuses: what services are pinned to, before anything is declared; each container.

A preview declares all first and tells all that is wrong at the end; an `up` stops at once. Rules: workbench/policies.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pulumi
from pulumi import _types

from workbench.components.errors import InfraError
from workbench.components.settings import Settings
from workbench.policies import judge
from workbench.policies.containers import is_judged
from workbench.policies.release_rules import Release
from workbench.policies.rule import Violation
from workbench.policies.unknown import UNKNOWN


class Guard:
    """Watches every resource from its making on. `settle` ends the program's declarations."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._today = datetime.now(UTC).date()
        self._refused: list[Violation] = []
        pulumi.runtime.register_stack_transformation(self._watch)

    def admit(self, releases: Iterable[Release]) -> None:
        """Judge what services are pinned to. Raises InfraError in an `up`."""
        for release in releases:
            self._note(judge.release(release, self._today))

    def settle(self) -> None:
        """Tell what a preview found. Raises InfraError."""
        if self._refused:
            raise InfraError("; ".join(dict.fromkeys(each.line() for each in self._refused)))

    def _watch(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not is_judged(args.type_) or args.opts.id is not None:  # what is only looked up runs nothing of ours
            return None
        props: dict[str, Any] = _awaited(args.props)
        self._note(self._judged(args.type_, spelt(props)))
        if pulumi.runtime.is_dry_run() or not (outputs := list(_outputs(props))):
            return pulumi.ResourceTransformationResult(props, args.opts)

        def known(values: list[Any]) -> list[pulumi.Resource]:
            self._note(self._judged(args.type_, spelt(props, dict(zip(map(id, outputs), values, strict=True)))))
            return []

        # What only an `up` knows is judged before the engine is asked for the resource.
        wait = pulumi.ResourceOptions(depends_on=pulumi.Output.all(*outputs).apply(known))
        return pulumi.ResourceTransformationResult(props, pulumi.ResourceOptions.merge(args.opts, wait))

    def _judged(self, kind: str, inputs: Mapping[str, Any]) -> list[Violation]:
        return judge.resource(kind, inputs, self._settings.policies, self._today)

    def _note(self, violations: list[Violation]) -> None:
        self._refused += judge.refusing(violations)
        if not pulumi.runtime.is_dry_run():
            self.settle()


def spelt(props: Mapping[str, Any], known: Mapping[int, Any] | None = None) -> dict[str, Any]:
    """A resource's inputs as the engine spells them; an output is what `known` has for its id, else UNKNOWN."""

    def value(each: Any) -> Any:  # noqa: ANN401 - any input
        if isinstance(each, pulumi.Output):
            return value(known[id(each)]) if known and id(each) in known else UNKNOWN
        if isinstance(each, Mapping):
            return {_camel(str(key)): value(inner) for key, inner in each.items()}
        if isinstance(each, list | tuple):
            return [value(inner) for inner in each]
        if isinstance(each, Enum):
            return value(each.value)
        return value(vars(each)) if _types.is_input_type(type(each)) else each

    found: dict[str, Any] = value(props)
    return {key: each for key, each in found.items() if each is not None}


def _awaited(value: Any) -> Any:  # noqa: ANN401 - any input
    """The same inputs with an output for each coroutine or future, which can be awaited only once."""
    if isinstance(value, pulumi.Output):
        return value
    if inspect.isawaitable(value):
        return pulumi.Output.from_input(value)
    if isinstance(value, Mapping):
        return {key: _awaited(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_awaited(each) for each in value]
    if not _types.is_input_type(type(value)):
        return value
    found = copy.copy(value)
    vars(found).update(_awaited(vars(value)))
    return found


def _outputs(value: object) -> Iterator[pulumi.Output[Any]]:
    if isinstance(value, pulumi.Output):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _outputs(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _outputs(each)
    elif _types.is_input_type(type(value)):
        yield from _outputs(vars(value))


def _camel(name: str) -> str:
    """A key as the engine spells it; the name of a variable, which is all capitals, stays as it is."""
    if name.isupper():
        return name
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest) if head else name
