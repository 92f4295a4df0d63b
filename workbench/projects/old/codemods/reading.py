"""What a script's names stand for, from its imports and assignments. Changes nothing."""

import ast
import re
from collections.abc import Iterator

import libcst as cst
from libcst import matchers as m

from workbench.projects.old.codemods.script import Script, index_of, is_text, method, receiver

# Functions that give a frame, and methods of frames that give another.
_MAKERS = {
    "pandas.DataFrame", "pandas.concat", "pandas.merge", "pandas.read_csv", "pandas.read_table", "pandas.read_excel",
    "pandas.read_json", "pandas.read_sql", "pandas.read_pickle", "pandas.DataFrame.from_csv", "pandas.get_dummies",
    "pandas.DataFrame.from_dict", "pandas.DataFrame.from_records",
}  # fmt: skip
_KEEPERS = {
    "copy", "drop", "dropna", "fillna", "reset_index", "set_index", "sort_values", "sort_index", "head", "tail",
    "sample", "rename", "merge", "join", "drop_duplicates", "append", "replace", "query", "assign", "reindex",
    "select_dtypes", "sort", "astype", "filter",
}  # fmt: skip
_INDEX = re.compile(r"\.(set_index|resample|from_csv|groupby|pivot|pivot_table|describe|value_counts)\(|\bindex_col\b")
# What makes objects that only tell a service of the past something, and what they are told with.
TELLERS = {
    "azureml.datacollector.ModelDataCollector": "collect",
    "azureml.logging.get_azureml_logger": "log",
}


def aliases(tree: ast.Module) -> dict[str, str]:
    """Names that imports give, by what they stand for in full."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                found[name.asname or name.name.split(".")[0]] = name.name if name.asname else name.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
    return found


def unnamed(tree: ast.Module) -> frozenset[str]:
    """Names that are imported from a module under no alias."""
    listed = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return frozenset(each.name for node in listed for each in node.names if each.asname is None)


def used(tree: ast.AST) -> Iterator[str]:
    """Every name that is read, as often as it is."""
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def tellers(tree: ast.Module, known: dict[str, str], *, served: bool) -> dict[str, str]:
    """Names of objects that only tell something, by the method they do it with. Runs keep azureml.logging."""
    wanted = {name for name in TELLERS if served or not name.startswith("azureml.logging")}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        full = known.get(node.value.func.id, "") if isinstance(node.value.func, ast.Name) else ""
        if full in wanted:
            found |= {target.id: TELLERS[full] for target in node.targets if isinstance(target, ast.Name)}
    others = [
        node.func.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
        and node.func.attr == found.get(node.func.value.id)
    ]  # fmt: skip
    names = list(used(tree))
    return {name: word for name, word in found.items() if names.count(name) == others.count(name)}


def indexed(tree: ast.Module) -> frozenset[str]:
    """Names of frames whose rows go by dates or words: the last that is said of their index counts."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _INDEX.search(ast.unparse(node.value)):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Expr) and _INDEX.search(ast.unparse(node)):
            found |= {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return frozenset(found)


def frames(script: Script, module: cst.Module) -> tuple[frozenset[str], dict[str, cst.BaseExpression]]:
    """Names that hold frames whenever they are assigned, and the first value of each name."""
    kinds: dict[str, list[bool]] = {}
    values: dict[str, cst.BaseExpression] = {}
    for node in m.findall(module, m.Assign()):
        assert isinstance(node, cst.Assign)  # noqa: S101 - the matcher says so
        for target in node.targets:
            if isinstance(target.target, cst.Name):
                name = target.target.value
                values.setdefault(name, node.value)
                script.frames = frozenset(each for each, told in kinds.items() if all(told))
                kinds.setdefault(name, []).append(_gives_frame(script, node.value))
    return frozenset(name for name, told in kinds.items() if all(told)), values


def _gives_frame(script: Script, node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Call):
        if script.full_name(node.func) in _MAKERS:
            return True
        return method(node) in _KEEPERS and _gives_frame(script, receiver(node))
    if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Attribute) and node.value.attr.value == "ix":
        return False
    plain = isinstance(node, cst.Subscript) and (index_of(node) is None or is_text(index_of(node)))
    return not plain and script.is_frame(node)
