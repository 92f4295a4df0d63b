"""One stack before and after, with what policies say: what a comment is made of. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from workbench.policies.rule import Violation
from workbench.stacks.previews.blast_radius import Loss, Usage
from workbench.stacks.previews.service_change import ServiceChange
from workbench.stacks.previews.steps import Step

OPS = ("create", "update", "replace", "delete")


@dataclass(frozen=True)
class Drift:
    """A thing that is not on its engine as it was left there; `changed` are paths, empty when it is `gone`."""

    kind: str
    name: str
    gone: bool
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class StackPreview:
    """`drift` is None where nobody asked for it; `errors` are why the preview is not whole.

    One that broke off has no steps and no services: what it foresaw is not what an `up` would do.
    """

    stack: str
    steps: tuple[Step, ...] = ()
    services: tuple[ServiceChange, ...] = ()
    before: Usage = field(default_factory=Usage)
    after: Usage = field(default_factory=Usage)
    losses: tuple[Loss, ...] = ()
    violations: tuple[Violation, ...] = ()
    drift: tuple[Drift, ...] | None = None
    errors: tuple[str, ...] = ()
    broke_off: bool = False

    @property
    def changes(self) -> list[Step]:
        """All steps that change something."""
        return [step for step in self.steps if step.op != "same"]

    @property
    def changed_services(self) -> list[ServiceChange]:
        return [service for service in self.services if service.fate != "same"]

    @property
    def all_violations(self) -> list[Violation]:
        """Those of the stack and of its services, refusing ones first."""
        found = [*self.violations, *(one for each in self.services for one in each.violations)]
        return sorted(found, key=lambda each: bool(each.excepted))

    @property
    def refused(self) -> list[Violation]:
        return [all_violation for all_violation in self.all_violations if not all_violation.excepted]

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to say of it."""
        return not (self.changes or self.all_violations or self.errors or self.drift or self.losses)

    @property
    def unknown(self) -> bool:
        """Whether nothing at all could be told of it."""
        return bool(self.errors) and not self.steps

    def count(self, op: str) -> int:
        return sum(step.op == op for step in self.steps)


def drifted(steps: Iterable[Step]) -> tuple[Drift, ...]:
    """What a refresh would write down."""
    return tuple(
        Drift(step.short_kind, step.name, step.op == "delete", step.changed) for step in steps if step.op != "same"
    )
