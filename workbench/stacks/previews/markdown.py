"""One comment for all stacks: a summary first, what refuses or loses data next, then each stack, details folded. Pure.

A comment has room for so much. What does not fit is left out from the least important on, and the comment says so.
"""

from collections.abc import Iterable, Iterator, Sequence

from workbench.core.counting import counted
from workbench.policies.rule import Violation
from workbench.stacks.previews import words
from workbench.stacks.previews.markdown_service import service
from workbench.stacks.previews.markdown_text import code, details, table, text
from workbench.stacks.previews.service_change import ServiceChange
from workbench.stacks.previews.stack_preview import OPS, StackPreview

MARKER = "<!-- workbench preview: this comment is updated, not repeated -->"
GITHUB = 65_536
_NAMED = 6
_ROWS = 200


def render(previews: Sequence[StackPreview], limit: int = GITHUB) -> str:
    """The whole comment, of at most `limit` characters."""
    head = [MARKER, f"## {_title(previews)}", "", *_summary(previews), *_loud(previews)]
    loud = [preview for preview in previews if not preview.quiet]
    for depth in ("full", "folded away", "services"):
        lines = [*head, *(line for each in loud for line in _stack(each, depth))]
        if depth != "full":
            lines += ["", f"*Some details are left out: a comment holds {limit:,} characters.* {_elsewhere()}"]
        if len(found := "\n".join(lines) + "\n") <= limit:
            return found
    note = f"\n\n*The rest is left out: a comment holds {limit:,} characters.* {_elsewhere()}\n"
    return _cut("\n".join(head), limit - len(note)) + note


def _cut(found: str, room: int) -> str:
    """Whole lines only."""
    return found if len(found) <= room else found[: max(room, 0)].rpartition("\n")[0]


def _elsewhere() -> str:
    return "See it whole: <code>workbench preview --all</code>"


def _title(previews: Sequence[StackPreview]) -> str:
    changed = [preview for preview in previews if preview.changes]
    if any(preview.errors for preview in previews):
        return "Preview: not whole, there are errors"
    if any(preview.refused for preview in previews):
        return "Preview: a policy refuses this"
    if not changed:
        return "Preview: nothing changes"
    return f"Preview: {', '.join(text(each.stack) for each in changed)} would change"


def _summary(previews: Sequence[StackPreview]) -> list[str]:
    head = ["stack", "services", *OPS, "policies"]
    return table(head, (_row(preview) for preview in previews), right=range(2, 6))


def _row(preview: StackPreview) -> list[str]:
    counts = [str(preview.count(op) or "") for op in OPS]
    return [f"**{text(preview.stack)}**", _services(preview), *counts, _policies(preview)]


def _services(preview: StackPreview) -> str:
    if preview.unknown:
        return f"⚠️ {words.BROKE_OFF}" if preview.broke_off else "⚠️ not known"
    changed = preview.changed_services
    shown = [" · ".join(_told(each)) for each in changed[:_NAMED]]
    same = len(preview.services) - len(changed)
    more = [f"{len(changed) - _NAMED} more"] if len(changed) > _NAMED else []
    more += [f"{same} unchanged"] if same and changed else []
    return "<br>".join([*shown, *more]) or ("nothing changes" if not preview.changes else "no service changes")


def _told(change: ServiceChange) -> Iterator[str]:
    yield f"{text(change.service)}: {text(change.headline)}"
    if change.old and (verdicts := words.verdicts(change)):
        yield text(verdicts)
    if change.schema and change.schema.verdict in ("widening", "breaking"):
        yield f"schema {change.schema.verdict}"


def _policies(preview: StackPreview) -> str:
    if preview.refused:
        return f"❌ {len(preview.refused)} refused"
    if preview.unknown:
        return "⚠️ not known"
    excepted = len(preview.all_violations)
    return f"✅ passed, {excepted} excepted" if excepted else "✅ passed"


def _loud(previews: Sequence[StackPreview]) -> list[str]:
    """What nobody may overlook, one paragraph each."""
    found: list[str] = []
    for preview in previews:
        where = text(preview.stack)
        found += [f"> ❌ **{where}**: {text(error)}" for error in preview.errors]
        found += [_refusal(where, violation) for violation in preview.refused]
        found += [
            f"> 🔥 **{where}: {text(loss.kind)} {code(loss.name)} would be {words.DOINGS[loss.op]};"
            f" lost would be {text(loss.what)}.**"
            for loss in preview.losses
        ]
        found += [
            f"> ⛔ **{where}: the service {code(one.service)} would end; its callers get 404.**"
            for one in preview.services
            if one.fate == "gone"
        ]
    return ["", *(line for each in found[:_ROWS] for line in (each, ">"))][:-1] if found else []


def _refusal(where: str, violation: Violation) -> str:
    ended = f" Its exception ended on {violation.expired}." if violation.expired else ""
    return (
        f"> ❌ **{where}: policy {code(violation.rule)}**: {text(violation.where)} {text(violation.problem)}."
        f"{ended} {text(violation.reason)} *{text(violation.remedy[:1].upper() + violation.remedy[1:])}.*"
    )


def _stack(preview: StackPreview, depth: str) -> list[str]:
    lines = ["", f"### {text(preview.stack)}"]
    for changed_service in preview.changed_services:
        lines += ["", *service(changed_service, whole=depth != "services")]
    if preview.drift is not None:
        lines += ["", *_drift(preview)]
    if depth == "full" and preview.changes:
        rows = [
            [text(what), text(before), text(after)]
            for what, before, after in words.usage(preview.before, preview.after)
        ]
        lines += ["", *details("Resources before and after", table(["", "now", "then"], rows, right=(1, 2)))]
        same = len(preview.steps) - len(preview.changes)
        lines += ["", *details(f"{counted(len(preview.changes), 'change')}, {same} unchanged", _steps(preview))]
    if excepted := [all_violation for all_violation in preview.all_violations if all_violation.excepted]:
        lines += ["", *details(counted(len(excepted), "exception") + " of policies", _excepted(excepted))]
    return lines


def _steps(preview: StackPreview) -> list[str]:
    rows = [
        [words.OPS[step.op], text(step.short_kind), code(step.name), ", ".join(map(code, step.causes or step.changed))]
        for step in preview.changes[:_ROWS]
    ]
    return table(["", "kind", "name", "because of"], rows)


def _drift(preview: StackPreview) -> list[str]:
    if not preview.drift:
        return ["No drift: all is on its engine as it was left."]
    rows = [
        [text(each.kind), code(each.name), "is gone" if each.gone else f"changed: {', '.join(map(code, each.changed))}"]
        for each in preview.drift[:_ROWS]
    ]
    number = counted(len(preview.drift), "thing")
    refresh = code(f"pulumi refresh -s {preview.stack}")
    return [
        f"**Drift**, which is not of this change: {number} on the engine not as left there; {refresh} writes it down.",
        "",
        *table(["kind", "name", "what"], rows),
    ]


def _excepted(violations: Iterable[Violation]) -> list[str]:
    rows = [
        [code(violation.rule), f"{text(violation.where)} {text(violation.problem)}", text(violation.excepted)]
        for violation in violations
    ]
    return table(["policy", "what", "excepted"], rows)
