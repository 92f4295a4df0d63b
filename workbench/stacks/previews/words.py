"""How facts of a preview are said, in any form of it. Pure."""

from typing import Any

from workbench.core.canonical import is_digest
from workbench.policies.metrics import Measured
from workbench.stacks.previews.blast_radius import Usage
from workbench.stacks.previews.service_change import MetricChange, Pinned, ServiceChange

_MIB = 1 << 20
_KIB = 1 << 10
_SHORT = 19
_LONG = 60
BROKE_OFF = "the preview broke off; what would change is not known"
OPS = {"create": "+", "update": "~", "replace": "±", "delete": "−"}  # noqa: RUF001 - a minus sign is wanted
DOINGS = {"create": "created", "update": "updated in place", "replace": "replaced", "delete": "deleted"}


def short(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A digest by its first digits, which is all that people compare; a long text by its beginning."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash is wanted
    if isinstance(value, str) and is_digest(value):
        return f"{value[:_SHORT]}…"
    told = f"{value:g}" if isinstance(value, float) else str(value)
    return told if len(told) <= _LONG else f"{told[:_LONG]}…"


def image(pinned: Pinned | None) -> str:
    """An image's digest, or what becomes of one."""
    if pinned is None:
        return "–"  # noqa: RUF001 - a dash is wanted
    if pinned.image is None:
        return "built by the next up"
    name, _, digest = pinned.image.partition("@")
    return f"{name}@{short(digest)}"


def measured(found: Measured | None) -> str:
    """A value and its interval."""
    if found is None:
        return "–"  # noqa: RUF001 - a dash is wanted
    interval = "" if found.low is None else f" ({found.low:.4f} … {found.high:.4f})"
    return f"{found.value:.4f}{interval}"


def difference(change: MetricChange) -> str:
    """How far a metric moves, and between which bounds."""
    if change.difference is None:
        return "–"  # noqa: RUF001 - a dash is wanted
    interval = "" if change.low is None else f" ({change.low:+.4f} … {change.high:+.4f})"
    return f"{change.difference:+.4f}{interval}"


def verdicts(change: ServiceChange) -> str:
    """`2 better, 1 worse, 3 can't tell`."""
    counts: dict[str, int] = {}
    for metric in change.metrics:
        counts[metric.verdict] = counts.get(metric.verdict, 0) + 1
    known = ("better", "worse", "higher", "lower", "can't tell")
    return ", ".join(f"{counts[name]} {name}" for name in known if name in counts)


def usage(before: Usage, after: Usage) -> list[tuple[str, str, str]]:
    """Rows: what, before, after."""
    return [
        ("CPU cores, at most", f"{before.cpu:g}", f"{after.cpu:g}"),
        ("memory, at most (MiB)", f"{before.memory:g}", f"{after.memory:g}"),
        ("containers", str(before.containers), str(after.containers)),
        ("volumes", _volumes(before), _volumes(after)),
    ]


def size(number: int) -> str:
    """Bytes for people."""
    return f"{number / _MIB:.1f} MiB" if number >= _MIB else f"{number / _KIB:.0f} KiB"


def _volumes(found: Usage) -> str:
    claimed = f" ({', '.join(found.claimed)})" if found.claimed else ""
    return f"{found.volumes}{claimed}"
