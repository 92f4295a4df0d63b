"""One service's part of a comment: how good the new model is, what callers must know, what it is made of. Pure."""

from workbench.core.counting import counted
from workbench.policies.schema_change import SchemaChange
from workbench.stacks.previews import words
from workbench.stacks.previews.markdown_text import code, details, table, text
from workbench.stacks.previews.service_change import MetricChange, ServiceChange

_VERDICTS = {"better": "✅ better", "worse": "❌ worse", "can't tell": "can't tell"}
_SCHEMA = {
    "same": "the same",
    "compatible": "✅ compatible; callers see no difference",
    "widening": "✅ widening; what worked goes on working",
    "breaking": "❌ **breaking**",
}
_ROWS = 60


def service(change: ServiceChange, *, whole: bool) -> list[str]:
    """`whole` is with its details."""
    lines = [f"#### {text(change.service)}: {text(change.headline)}"]
    if change.fate == "gone":
        return lines
    if change.metrics:
        lines += ["", *_metrics(change)]
    lines += ["", f"**Schema**: {_schema(change.schema)}"]
    if change.schema and change.schema.fields:
        lines += ["", *_fields(change.schema, folded=change.schema.verdict != "breaking")]
    lines += [line for each in change.remarks for line in ("", f"*{text(each)}*")]
    return lines + (["", *details(_summary(change), _made_of(change))] if whole else [])


def _metrics(change: ServiceChange) -> list[str]:
    if change.old is None:
        rows = [[code(metric.name), _small(words.measured(metric.new))] for metric in change.metrics]
        return table(["metric", "value (95 %)"], rows)
    return table(
        ["metric", "serves", "new", "difference", "verdict at 95 %"], (_metric(metric) for metric in change.metrics)
    )


def _metric(each: MetricChange) -> list[str]:
    old, new = (_small(words.measured(found)) for found in (each.old, each.new))
    return [code(each.name), old, new, _small(words.difference(each)), _VERDICTS.get(each.verdict, text(each.verdict))]


def _small(value: str) -> str:
    """A value, and its interval small below it."""
    first, _, interval = value.partition(" (")
    return text(first) + (f"<br><sub>{text(interval.removesuffix(')'))}</sub>" if interval else "")


def _schema(schema: SchemaChange | None) -> str:
    if schema is None:
        return "nothing to compare with"
    broken = len(schema.breaks)
    return _SCHEMA[schema.verdict] + (f" in {counted(broken, 'field')}" if broken else "")


def _fields(schema: SchemaChange, *, folded: bool) -> list[str]:
    ordered = sorted(schema.fields, key=lambda each: not each.breaking)
    rows = [
        [
            "callers send" if each.side == "send" else "callers get",
            code(each.field),
            text(each.what),
            "❌" if each.breaking else "",
        ]
        for each in ordered[:_ROWS]
    ]
    lines = table(["", "field", "what", "breaks"], rows)
    return details(counted(len(ordered), "field"), lines) if folded else lines


def _summary(change: ServiceChange) -> str:
    packages = f", {counted(len(change.requirements), 'package')}" if change.requirements else ""
    number = len(change.parameters or {})
    parameters = f", {counted(number, 'parameter')} of the training" if number else ""
    return f"What it is made of: image, manifest{parameters}{packages}"


def _made_of(change: ServiceChange) -> list[str]:
    old, new = change.old, change.new
    rows = [
        ["image", code(words.image(old)), code(words.image(new))],
        ["manifest", *(code(words.short(each.facts.manifest)) if each else "" for each in (old, new))],
        ["model files", *(text(words.size(each.facts.bytes)) if each else "" for each in (old, new))],
    ]
    rows += [
        [code(name), code(words.short(before)), code(words.short(after))]
        for name, (before, after) in sorted((change.parameters or {}).items())[:_ROWS]
    ]
    rows += [
        [f"package {code(requirement.name)}", code(words.short(requirement.old)), code(words.short(requirement.new))]
        for requirement in change.requirements[:_ROWS]
    ]
    return table(["", "serves", "new"], rows)
