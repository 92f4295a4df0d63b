"""What Pulumi would do, step by step, as `pulumi preview --json` tells it: facts, without secrets. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from policies import secrets
from policies.unknown import UNKNOWN

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
    "delete": "delete",
    "discard": "delete",
    "same": "same",
}
_SECOND_LINE = "error: an unhandled error occurred: program exited with non-zero exit code"


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
    """One stack's steps, unchanged ones too; its configuration by keys without the project; what went wrong."""

    steps: tuple[Step, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


def read(document: Mapping[str, Any]) -> Plan:
    """Of Pulumi's document. Components are left out: they are names for what is below them."""
    steps = {step.name + step.kind: step for step in _steps(document.get("steps") or [])}
    errors = [
        str(each.get("message", "")).strip().removeprefix("error: ")
        for each in document.get("diagnostics") or []
        if each.get("severity") == "error" and not str(each.get("message", "")).startswith(_SECOND_LINE)
    ]
    config = {str(key).rpartition(":")[2]: value for key, value in (document.get("config") or {}).items()}
    return Plan(tuple(steps.values()), config, tuple(secrets.masked(each) for each in errors))


def _steps(listed: list[Mapping[str, Any]]) -> Iterator[Step]:
    for each in listed:
        op = _OPS.get(str(each.get("op")))
        old, new = each.get("oldState"), each.get("newState")
        state = new or old or {}
        if op is None or not state.get("custom") or str(state.get("type")).startswith("pulumi:"):
            continue
        before, after = _inputs(old), None if op == "delete" else _inputs(new)
        differs = op in ("update", "replace")
        # A refresh finds differences in what the engine tells, which are no inputs.
        changed = tuple(_changed(before, after)) or tuple(each.get("diffReasons") or ()) if differs else ()
        yield Step(
            op,
            str(state["type"]),
            str(each["urn"]).rpartition("::")[2],
            before,
            after,
            changed,
            tuple(each.get("replaceReasons") or ()),
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
