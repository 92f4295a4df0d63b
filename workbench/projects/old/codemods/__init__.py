"""Scripts of 2017 as today's Python and libraries take them, by libcst: layout and comments stay."""

import ast
import re
from collections import Counter
from dataclasses import replace

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor
from libcst.metadata import MetadataWrapper

from workbench.projects.old import LEFT_OUT, NEEDS_YOU, Remark, Translation
from workbench.projects.old.codemods import reading, runs_alone
from workbench.projects.old.codemods.script import Script
from workbench.projects.old.codemods.transformer import Setting, Transformer

__all__ = ["Setting", "parse", "rewrite"]

_DEEPEST = 120
_MAGIC = re.compile(r"^(\s*)([%!].*)$", re.MULTILINE)
_PRINT = re.compile(r"^\s*print\s+[^(\s=]|^\s*except\s+\w+\s*,\s*\w+\s*:|^\s*raise\s+\w+\s*,|^\s*exec\s+['\"\w]")


def parse(text: str) -> ast.Module | str:
    """The tree of a script, or in a few words why it is none that Python 3 takes."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        lines = text.splitlines()
        line = lines[error.lineno - 1] if error.lineno and 0 < error.lineno <= len(lines) else ""
        if _PRINT.match(line):
            return "is Python 2"
        return f"is no Python 3 ({error.msg})"
    except (RecursionError, MemoryError):
        return "is nested too deeply to be read"
    except ValueError as error:
        return f"is no Python 3 ({error})"
    return tree if _depth(tree) <= _DEEPEST else "is nested too deeply to be read"


def without_magics(text: str, name: str) -> tuple[str, list[Remark]]:
    """A script that a notebook was saved as, with the notebook's own lines as comments."""
    if isinstance(parse(text), ast.Module) or not isinstance(parse(_MAGIC.sub(r"\1pass", text)), ast.Module):
        return text, []
    lines = text.splitlines()
    why = "is a notebook's own: a comment now"
    remarks = [Remark(name, number, line.strip()[:200], LEFT_OUT, why)
               for number, line in enumerate(lines, 1) if _MAGIC.match(line)]  # fmt: skip
    commented = _MAGIC.sub(lambda found: f"{found[1]}pass  # {found[2]}" if found[1] else f"# {found[2]}", text)
    return commented, remarks


def rewrite(text: str, name: str, setting: Setting) -> Translation:
    """A script as it runs here, and a remark for each line that changed or that somebody has to change."""
    text, remarks = without_magics(text, name)
    tree = parse(text)
    if isinstance(tree, str):
        todo = "convert it with 2to3, then import again" if tree == "is Python 2" else "mend it, or leave it out"
        return Translation(
            text, [*remarks, Remark(name, _error_line(text), "the script", NEEDS_YOU, f"{tree}: kept as it is", todo)]
        )
    try:
        made, told = _rewritten(text, name, tree, setting)
        ast.parse(made)
    except (RecursionError, cst.ParserSyntaxError, cst.CSTValidationError, SyntaxError, ValueError) as error:
        why = f"cannot be rewritten ({type(error).__name__}): kept as it is"
        return Translation(
            text, [*remarks, Remark(name, 1, "the script", NEEDS_YOU, why, "run it and mend what it says")]
        )
    return Translation(made, _by_line([*remarks, *told]))


def _by_line(remarks: list[Remark]) -> list[Remark]:
    """One remark for each line and verdict, in the order of lines."""
    found: dict[tuple[int, str], Remark] = {}
    for remark in sorted(remarks, key=lambda remark: remark.line):
        key = remark.line, remark.verdict
        other = found.get(key)
        why = f"{other.why}; {remark.why}" if other else remark.why
        todos = [todo for todo in (other.todo if other else "", remark.todo) if todo]
        found[key] = replace(remark, why=why, todo="; ".join(dict.fromkeys(todos)))
    return list(found.values())


def _rewritten(text: str, name: str, tree: ast.Module, setting: Setting) -> tuple[str, list[Remark]]:
    module = cst.parse_module(text)
    script = Script(name, text.splitlines(), reading.aliases(tree))
    script.frames, script.values = reading.frames(script, module)
    script.indexed = reading.indexed(tree)
    tellers = reading.tellers(tree, dict(script.aliases), served=setting.served)
    walk = Transformer(script, setting, _unused(tree, script, tellers), tellers, reading.unnamed(tree))
    module = MetadataWrapper(module).visit(walk)
    if setting.served:
        module = runs_alone.moved(module, script)
    context = CodemodContext()
    for where, what, alias in script.needed:
        AddImportsVisitor.add_needed_import(context, where, what or None, alias or None)
    if walk.finds_model:
        AddImportsVisitor.add_needed_import(context, "pathlib", "Path")
    if script.needed or walk.finds_model:
        module = AddImportsVisitor(context).transform_module(module)
    if walk.finds_model:
        module = runs_alone.with_helper(module)
    return module.code, script.remarks


def _unused(tree: ast.Module, script: Script, tellers: dict[str, str]) -> frozenset[str]:
    """Imported names that nothing reads but what makes objects of the past."""
    names = Counter(reading.used(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        told = any(isinstance(target, ast.Name) and target.id in tellers for target in node.targets)
        if told and isinstance(node.value.func, ast.Name):
            names[node.value.func.id] -= 1
    return frozenset(alias for alias in script.aliases if names[alias] <= 0)


def _depth(tree: ast.AST) -> int:
    deepest, level = 0, [tree]
    while level:
        deepest, level = deepest + 1, [inner for node in level for inner in ast.iter_child_nodes(node)]
    return deepest


def _error_line(text: str) -> int:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        pass
    return 1
