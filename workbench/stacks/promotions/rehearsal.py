"""A service asked for its own schema's examples before others depend on it."""

import json
from typing import Any

from workbench.core.errors import DataError, ManifestError
from workbench.stacks.services import request
from workbench.stacks.services.service import Service

_ROWS = 3


def rehearse(serving: Service) -> dict[str, Any]:
    """What was asked and answered, or why nothing was. Raises ServiceError when the service refuses its examples."""
    if not (serving.keys_folder / "primary").exists():
        return {"examples": "not asked", "why": f"the keys of {serving.stack} are not on this machine"}
    try:
        asked = request.from_example(serving.contract(), _ROWS)
    except (ManifestError, DataError) as error:
        return {"examples": "not asked", "why": str(error)}
    serving.call(asked)
    rows = [len(value) for value in json.loads(asked.body).values() if isinstance(value, list)]
    return {"examples": "answered", "rows": max(rows, default=1)}
