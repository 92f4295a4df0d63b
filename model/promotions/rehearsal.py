"""A service asked for its own schema's examples before others depend on it."""

from typing import Any

from model.errors import ManifestError, ServiceError
from model.manifests import manifest
from model.services.service import Service

_ROWS = 3


def rehearse(serving: Service) -> dict[str, Any]:
    """What was asked and answered, or why nothing was. Raises ServiceError when the service refuses its examples."""
    if not (serving.keys_folder / "primary").exists():
        return {"examples": "not asked", "why": f"the keys of {serving.stack} are not on this machine"}
    try:
        arguments = manifest.find(serving.text("manifest")).schema()["input"]
    except ManifestError as error:
        return {"examples": "not asked", "why": str(error)}
    examples = {name: (each.get("swagger") or {}).get("example") for name, each in arguments.items()}
    name, rows = next(iter(examples.items()), ("", None))
    if len(examples) != 1 or not isinstance(rows, list) or not rows:
        return {"examples": "not asked", "why": "the schema has no example rows of one argument"}
    asked = rows[:_ROWS]
    answers = serving.score(name, asked)
    if len(answers) != len(asked):
        raise ServiceError(f"{serving.stack} answered {len(answers)} of {len(asked)} example rows of {serving.name}")
    return {"examples": "answered", "rows": len(asked)}
