"""service_schema.json of an old project, from `swagger` alone: `internal` holds a pickle, which nobody loads."""

import json

from workbench.projects.old import LEFT_OUT, NEEDS_YOU, Remark, Translation


def translate(text: str, name: str) -> Translation:
    """The schema without pickles. It says nothing of missing values, so every column of a table may be null."""
    try:
        document = json.loads(text)
        parts = [*document["input"].items(), *(document.get("output") or {}).items()]
        for _, part in parts:
            _open(part["swagger"]) if "internal" in part else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"is no service schema ({error})"
        return Translation(None, [Remark(name, 1, "the file", NEEDS_YOU, why, "write input.<argument>.swagger")])
    remarks = []
    lines = iter([number for number, line in enumerate(text.splitlines(), 1) for _ in range(line.count('"internal"'))])
    for argument, part in parts:
        if part.pop("internal", None) is not None:
            why = "is a pickle, which is never loaded; columns are taken from swagger, and any may be null"
            remarks.append(
                Remark(name, next(lines, 1), f"internal of {argument}", LEFT_OUT, why, "set minimum, enum, x-nullable")
            )
    return Translation(json.dumps(document, indent=2) + "\n", remarks)


def _open(swagger: dict[str, object]) -> None:
    items = swagger.get("items")
    properties = items.get("properties") if isinstance(items, dict) else None
    for column in properties.values() if isinstance(properties, dict) else ():
        column["x-nullable"] = True
