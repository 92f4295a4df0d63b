"""What a cluster complains of, by its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightkube import Client
    from lightkube.models.core_v1 import Event


def warnings(client: Client, namespace: str, **involved: str) -> list[Event]:
    """The warnings about a thing, latest first; `involved` says which: its `uid`, or its `name`."""
    from lightkube.resources.core_v1 import Event

    fields: dict[str, Any] = {f"involvedObject.{key}": value for key, value in involved.items()}
    found = list(client.list(Event, namespace=namespace, fields={**fields, "type": "Warning"}))
    return sorted(found, key=lambda event: str(event.lastTimestamp or event.eventTime or ""), reverse=True)
