"""What a score script has for runs alone, where its service does without: imports go to where they are used."""

from collections.abc import Sequence

import libcst as cst
from libcst import helpers
from libcst import matchers as m

from workbench.projects.old import TRANSLATED
from workbench.projects.old.codemods.modules import FOR_RUNS
from workbench.projects.old.codemods.paths import HELPER
from workbench.projects.old.codemods.script import Script

_SERVED = {"init", "run"}


def moved(module: cst.Module, script: Script) -> cst.Module:
    """A score script that imports what a service has not inside of the functions that use it."""
    body = list(module.body)
    found = [each for each in body if isinstance(each, cst.SimpleStatementLine) and _names(each)]
    if not found:
        return module
    rest = [each for each in body if each not in found]
    inside: dict[int, list[cst.SimpleStatementLine]] = {}
    kept: list[cst.SimpleStatementLine] = []
    for each in found:
        users = [place for place, other in enumerate(rest) if _reads(other) & _names(each)]
        if all(_takes(rest[place]) for place in users):
            for place in users:
                inside.setdefault(place, []).append(each.with_changes(leading_lines=()))
        else:
            kept.append(each)
    for place, statements in inside.items():
        rest[place] = _begun_with(rest[place], statements)
    for remark in list(script.remarks):
        if any(f"from {name} import" in remark.what for name in FOR_RUNS):
            script.remarks.remove(remark)
            script.tell(remark.line, TRANSLATED, "runs have it, services do without: imported where it is used")
    lines = iter(rest)
    whole = [each for each in body if each not in found or each in kept]
    result = [_guarded(each) if each in kept else next(lines) for each in whole]
    if body[0] in found and not kept and result:
        result[0] = result[0].with_changes(leading_lines=[*body[0].leading_lines, *result[0].leading_lines])
    return module.with_changes(body=result)


def with_helper(module: cst.Module) -> cst.Module:
    """The module with `model_file` behind its last import."""
    last = max((place for place, each in enumerate(module.body) if _imports(each)), default=-1)
    helper = cst.parse_module(HELPER, module.config_for_parsing).body[0]
    helper = helper.with_changes(leading_lines=[cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)])
    after = list(module.body[last + 1 :])
    if after and isinstance(after[0], cst.FunctionDef | cst.ClassDef | cst.SimpleStatementLine | cst.If):
        blank = [line for line in after[0].leading_lines if line.comment is None]
        missing = [cst.EmptyLine(indent=False)] * max(0, 2 - len(blank))
        after[0] = after[0].with_changes(leading_lines=[*missing, *after[0].leading_lines])
    return module.with_changes(body=[*module.body[: last + 1], helper, *after])


def _names(node: cst.CSTNode) -> set[str]:
    """The names that a statement imports for runs alone; none of any other statement."""
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return set()
    only = node.body[0]
    if not isinstance(only, cst.ImportFrom) or only.module is None or isinstance(only.names, cst.ImportStar):
        return set()
    if helpers.get_full_name_for_node(only.module) not in FOR_RUNS:
        return set()
    return {name.evaluated_alias or name.evaluated_name for name in only.names}


def _reads(node: cst.CSTNode) -> set[str]:
    return {each.value for each in m.findall(node, m.Name()) if isinstance(each, cst.Name)}


def _takes(node: cst.CSTNode) -> bool:
    """Whether a statement can import for itself: a function that a service does not call, or what a run alone does."""
    if isinstance(node, cst.FunctionDef):
        return node.name.value not in _SERVED
    return isinstance(node, cst.If) and "__name__" in _reads(node.test)


def _begun_with(node: cst.CSTNode, statements: Sequence[cst.SimpleStatementLine]) -> cst.BaseCompoundStatement:
    assert isinstance(node, cst.FunctionDef | cst.If)  # noqa: S101 - the others take none
    block = node.body
    if not isinstance(block, cst.IndentedBlock):
        block = cst.IndentedBlock([cst.SimpleStatementLine(block.body)])  # type: ignore[arg-type]  # a suite of one line
    first = 1 if isinstance(node, cst.FunctionDef) and node.get_docstring() is not None else 0
    return node.with_changes(body=block.with_changes(body=[*block.body[:first], *statements, *block.body[first:]]))


def _guarded(statement: cst.BaseStatement | cst.SimpleStatementLine) -> cst.Try:
    inner = cst.IndentedBlock([statement.with_changes(leading_lines=())])
    nothing = cst.IndentedBlock([cst.SimpleStatementLine([cst.Pass()])])
    return cst.Try(
        inner,
        handlers=[cst.ExceptHandler(nothing, type=cst.Name("ImportError"))],
        leading_lines=getattr(statement, "leading_lines", ()),
    )


def _imports(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Try):
        return any(_imports(each) for each in node.body.body)
    return isinstance(node, cst.SimpleStatementLine) and any(
        isinstance(each, cst.Import | cst.ImportFrom) for each in node.body
    )
