"""A preview for a terminal: the same as the comment, without markup. Pure."""

from collections.abc import Iterator, Sequence

from workbench.stacks.previews import words
from workbench.stacks.previews.service_change import ServiceChange
from workbench.stacks.previews.stack_preview import OPS, StackPreview


def render(previews: Sequence[StackPreview]) -> str:
    """All stacks, one after the other."""
    return "\n".join("\n".join(_stack(preview)) for preview in previews)


def _stack(preview: StackPreview) -> Iterator[str]:
    yield f"{preview.stack}: {_headline(preview)}"
    yield from _loud(preview)
    for change in preview.changed_services:
        yield from _service(change)
    yield from _changes(preview)
    for drift in preview.drift or ():
        yield f"  drift: {drift.kind} {drift.name} " + ("is gone" if drift.gone else f"({', '.join(drift.changed)})")
    for violation in preview.all_violations:
        if violation.excepted:
            yield f"  excepted: {violation.rule}: {violation.where} {violation.problem}; {violation.excepted}"


def _headline(preview: StackPreview) -> str:
    if preview.unknown:
        return words.BROKE_OFF if preview.broke_off else "there is no preview"
    return ", ".join(f"{preview.count(op)} to {op}" for op in OPS if preview.count(op)) or "nothing changes"


def _loud(preview: StackPreview) -> Iterator[str]:
    for error in preview.errors:
        yield f"  error: {error}"
    for each in preview.refused:
        yield f"  refused: {each.line()}"
    for loss in preview.losses:
        yield f"  DATA: {loss.kind} {loss.name} would be {words.DOINGS[loss.op]}; lost would be {loss.what}"


def _changes(preview: StackPreview) -> Iterator[str]:
    for step in preview.changes:
        because = step.causes or step.changed
        yield f"  {words.OPS[step.op]} {step.short_kind} {step.name}" + (f" ({', '.join(because)})" if because else "")
    if preview.changes:
        for what, before, after in words.usage(preview.before, preview.after):
            yield f"  {what}: {before}" + (f" → {after}" if after != before else "")


def _service(change: ServiceChange) -> Iterator[str]:
    yield f"  {change.service}: {change.headline}"
    for metric in change.metrics:
        values = f"{words.measured(metric.old)} → " if metric.old else ""
        verdict = f", {metric.verdict} {words.difference(metric)}" if metric.verdict else ""
        yield f"    {metric.name} {values}{words.measured(metric.new)}{verdict}"
    if change.schema:
        yield f"    schema: {change.schema.verdict}"
        for field in change.schema.fields:
            yield f"      {'! ' if field.breaking else '  '}{field.line()}"
    for name, (before, after) in sorted((change.parameters or {}).items()):
        yield f"    {name}: {words.short(before)} → {words.short(after)}"
    for package in change.requirements:
        yield f"    package {package.name}: {words.short(package.old)} → {words.short(package.new)}"
    for remark in change.remarks:
        yield f"    {remark}"
