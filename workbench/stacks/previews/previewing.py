"""Several stacks at once, and the forms that they are told in. Owns the order: read, compare, render."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from workbench.policies import secrets
from workbench.stacks.previews import markdown, plain, pulumi, stack_reading
from workbench.stacks.previews.service_change import Pinned, ServiceChange
from workbench.stacks.previews.stack_preview import StackPreview

_AT_ONCE = 4


def every() -> list[str]:
    """All stacks of the project that have a file here."""
    return pulumi.stacks()


def read(stacks: Sequence[str], *, drift: bool = False) -> list[StackPreview]:
    """Each stack's preview, in the order given."""
    today = datetime.now(UTC).date()
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(lambda stack: stack_reading.read(stack, today, drift=drift), stacks))


def render(previews: Sequence[StackPreview], form: str, limit: int) -> str:
    """As `text`, `markdown` or `json`."""
    if form == "markdown":
        return markdown.render(previews, limit)
    if form == "json":
        return json.dumps([document(preview) for preview in previews], indent=2, default=str) + "\n"
    return plain.render(previews) + "\n"


def document(preview: StackPreview) -> dict[str, Any]:
    """For programs, without secrets: changes alone, and what the registry knows by reference."""
    found = {
        "stack": preview.stack,
        "counts": {op: preview.count(op) for op in ("create", "update", "replace", "delete", "same")},
        "services": [_service(service) for service in preview.services],
        "changes": [asdict(change) for change in preview.changes],
        "resources": {"before": asdict(preview.before), "after": asdict(preview.after)},
        "losses": [asdict(loss) for loss in preview.losses],
        "violations": [asdict(all_violation) for all_violation in preview.all_violations],
        "drift": None if preview.drift is None else [asdict(each) for each in preview.drift],
        "errors": list(preview.errors),
        "brokeOff": preview.broke_off,
    }
    masked: dict[str, Any] = secrets.masked_value("", found)
    return masked


def _service(change: ServiceChange) -> dict[str, Any]:
    return {
        "service": change.service,
        "fate": change.fate,
        "old": _pinned(change.old),
        "new": _pinned(change.new),
        "metrics": [asdict(metric) for metric in change.metrics],
        "parameters": {name: list(values) for name, values in (change.parameters or {}).items()},
        "requirements": [asdict(requirement) for requirement in change.requirements],
        "schema": asdict(change.schema) if change.schema else None,
        "remarks": list(change.remarks),
    }


def _pinned(pinned: Pinned | None) -> dict[str, Any] | None:
    if pinned is None:
        return None
    facts = pinned.facts
    return {"manifest": facts.manifest, "models": list(facts.models), "image": pinned.image, "bytes": facts.bytes}
