"""A service asked for its own schema's examples before others depend on it."""

import json
from typing import Any

from model.errors import DataError, ManifestError
from model.services import request
from model.services.service import Service

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
    rows = [len(each) for each in json.loads(asked.body).values() if isinstance(each, list)]
    return {"examples": "answered", "rows": max(rows, default=1)}
