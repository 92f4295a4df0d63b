"""What Pulumi would do, step by step, as `pulumi preview --json` tells it: facts, without secrets. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.policies import secrets
from workbench.policies.unknown import UNKNOWN
from workbench.stacks.services import pulumi_words

Op = Literal["create", "update", "replace", "delete", "same"]
# What the engine writes for a value that only an update will know.
_BLANK = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_OPS: Mapping[str, Op] = {
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "discard-replaced": "replace",
    "read-replacement": "replace",
    "import-replacement": "replace",
    "remove-pending-replace": "replace",
    "delete": "delete",
    "discard": "delete",
    "same": "same",
    "read": "same",
    "refresh": "same",
}
_SECOND_LINE = "error: an unhandled error occurred: program exited with non-zero exit code"
_STACK = "pulumi:pulumi:Stack"
_DIFFER = ("update", "replace")


@dataclass(frozen=True)
class Step:
    """One resource: `before` and `after` are its inputs, None where it is not there. `changed` are paths in them."""

    op: Op
    kind: str
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    changed: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()

    @property
    def short_kind(self) -> str:
        """`Container` of `docker:index/container:Container`."""
        return self.kind.rpartition(":")[2]


@dataclass(frozen=True)
class Plan:
    """One stack's steps, unchanged ones too; its configuration by keys without the project; what went wrong.

    `broke_off` is whether Pulumi or the program ended before all was declared.
    """

    steps: tuple[Step, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    broke_off: bool = False


def read(document: Mapping[str, Any], ended: int = 0, *, ran: bool = True) -> Plan:
    """Of Pulumi's document; `ended` is its exit code. Components are left out: they are names for what is below them.

    That nothing is told never means that nothing changes: a bad end is an error, and so is a document without what
    every program declares, where the project's `ran`.
    """
    listed = document.get("steps") or []
    steps = {str(each["urn"]): step for each in listed if (step := _step(each))}
    config = {str(key).rpartition(":")[2]: value for key, value in (document.get("config") or {}).items()}
    ends = list(_ends(document, listed, ended, ran=ran))
    unknown = [f"pulumi foresees {op!r}, a step that is not known here" for op in sorted(_unknown(listed))]
    errors = [secrets.masked(each) for each in (*ends, *unknown)]
    return Plan(tuple(steps.values()), config, tuple(errors), bool(ends))


def _ends(document: Mapping[str, Any], listed: list[Mapping[str, Any]], ended: int, *, ran: bool) -> Iterator[str]:
    """Why the preview ended before all was declared."""
    told = [
        str(each.get("message", "")).strip()
        for each in document.get("diagnostics") or []
        if each.get("severity") == "error"
    ]
    own = [each for each in told if not each.startswith(_SECOND_LINE)]
    yield from map(pulumi_words.plain, own or told)
    if told:
        return
    if ended:
        yield f"pulumi ended with exit code {ended} and without a word; run pulumi preview to see all it says"
    elif ran and all(each.get("op") == "delete" for each in listed if _is_stack(each)):
        yield "the project's program ended before it had declared anything; run pulumi preview to see all it says"


def _unknown(listed: list[Mapping[str, Any]]) -> set[str]:
    return {str(each.get("op")) for each in listed} - _OPS.keys()


def _is_stack(step: Mapping[str, Any]) -> bool:
    return f"::{_STACK}::" in str(step.get("urn"))


def _step(told: Mapping[str, Any]) -> Step | None:
    """None of what is no thing on an engine, and of a kind of step that is not known."""
    op = _OPS.get(str(told.get("op")))
    old, new = told.get("oldState"), told.get("newState")
    state = new or old or {}
    if op is None or not state.get("custom") or str(state.get("type")).startswith("pulumi:"):
        return None
    before, after = _inputs(old), None if op == "delete" else _inputs(new)
    # A refresh finds differences in what the engine tells, which are no inputs.
    changed = tuple(_changed(before, after)) or tuple(told.get("diffReasons") or ()) if op in _DIFFER else ()
    return Step(
        op,
        str(state["type"]),
        str(told["urn"]).rpartition("::")[2],
        before,
        after,
        changed,
        tuple(told.get("replaceReasons") or ()),
    )


def _inputs(state: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if state is None:
        return None
    return {key: _value(key, each) for key, each in (state.get("inputs") or {}).items() if not key.startswith("__")}


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return {key: _value(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_value(name, each) for each in value]
    return UNKNOWN if value == _BLANK else value


def _changed(before: Any, after: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Paths of the values that differ; a list is one value."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            yield from _changed(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif before != after:
        yield path
