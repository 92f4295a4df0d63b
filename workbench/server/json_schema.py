"""The service schema in JSON Schema 2020-12: what the judge takes of a request, what the file tells of an answer."""

from collections.abc import Mapping
from typing import Any, Final

from workbench.server.schema import HIGHEST_INTEGER, KINDS, LOWEST_INTEGER, Argument, Column, Schema
from workbench.server.validator import Limits

# What a swagger schema may say that JSON Schema says in the same words.
SAME: Final = ("format", "description", "minimum", "maximum", "required", "maxItems", "maxLength")
TYPES: Final = (*KINDS, "array", "object")


def request_body(schema: Schema, limits: Limits) -> dict[str, Any]:
    """The arguments of `run`, all of them and nothing else."""
    return closed_object({argument.name: _argument(argument, limits) for argument in schema.arguments})


def closed_object(properties: dict[str, Any]) -> dict[str, Any]:
    """An object with exactly these keys."""
    return {"type": "object", "required": [*properties], "properties": properties, "additionalProperties": False}


def value(rule: Column, limits: Limits) -> dict[str, Any]:
    """One value by its rule. A rule without a kind takes anything, or anything of its categories."""
    found: dict[str, Any] = {}
    if rule.kind:
        found["type"] = [rule.kind, "null"] if rule.nullable else rule.kind
    if rule.categories is not None:
        return found | {"enum": [*rule.categories, *([None] if rule.nullable or not rule.kind else [])]}
    match rule.kind:
        case "string":
            return found | {"maxLength": limits.text}
        case "integer":
            lowest = LOWEST_INTEGER if rule.minimum is None else max(rule.minimum, LOWEST_INTEGER)
            highest = HIGHEST_INTEGER if rule.maximum is None else min(rule.maximum, HIGHEST_INTEGER)
            return found | {"format": "int64", "minimum": lowest, "maximum": highest}
        case "number":
            bounds = {"minimum": rule.minimum, "maximum": rule.maximum}
            return found | {"format": "double"} | {key: bound for key, bound in bounds.items() if bound is not None}
    return found


def converted(swagger: Mapping[str, Any]) -> dict[str, Any]:
    """A swagger schema in the words of JSON Schema; what has no such words is left out."""
    found = {key: swagger[key] for key in SAME if key in swagger}
    kind, nullable = swagger.get("type"), swagger.get("x-nullable") is True
    if kind in TYPES:
        found["type"] = [kind, "null"] if nullable else kind
    if isinstance(swagger.get("enum"), list):
        found["enum"] = [*swagger["enum"], *([None] if nullable and None not in swagger["enum"] else [])]
    if isinstance(swagger.get("items"), Mapping):
        found["items"] = converted(swagger["items"])
    if isinstance(swagger.get("properties"), Mapping):
        parts = swagger["properties"].items()
        found["properties"] = {name: converted(part) for name, part in parts if isinstance(part, Mapping)}
    return found


def _argument(argument: Argument, limits: Limits) -> dict[str, Any]:
    if argument.columns is not None:
        row = closed_object({name: value(rule, limits) for name, rule in argument.columns.items()})
        return {"type": "array", "maxItems": limits.rows, "items": row}
    if argument.item is None:
        return {"description": "Anything: the schema file tells no rules for it"}
    nest = value(argument.item, limits)
    for _ in range(argument.depth):
        nest = {"type": "array", "items": nest}
    return nest | ({"maxItems": limits.rows} if argument.depth else {})
