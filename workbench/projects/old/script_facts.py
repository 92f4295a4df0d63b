"""What a script imports, reads, writes and defines, from its source. Runs nothing, changes nothing."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.projects.old.codemods import parse, without_magics
from workbench.projects.old.codemods.paths import plain
from workbench.projects.old.packages import SPARK, gone

_TRAINS = re.compile(r"\.fit(_transform)?\(|\.dump\(|\.save\(|\.train\(")
_FLAG = re.compile(r"""['"](--generate)['"]""")
_WRITERS = {"dump": 1, "save": 0, "save_model": 0, "to_pickle": 0}
_TEXTS = (".txt", ".log", ".csv", ".md", ".html")


@dataclass(frozen=True)
class ScriptFacts:
    """A script of an old project. `imports` are full names of modules; paths have `/` alone.

    `why` says in a few words why it can't run here at all, empty for most; `schema` is the file that it writes by
    generate_schema; `flag` an argument that it needs for that.
    """

    name: str
    why: str = ""
    imports: frozenset[str] = frozenset()
    defines: frozenset[str] = frozenset()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    schema: str = ""
    flag: str = ""
    trains: bool = False
    arguments: int = 0
    missing: tuple[str, ...] = field(default=())

    @property
    def is_score(self) -> bool:
        """Whether it is a score script: it has init() and run()."""
        return {"init", "run"} <= self.defines

    @property
    def uses_spark(self) -> bool:
        """Whether it imports Spark."""
        return any(each.split(".")[0] in SPARK for each in self.imports)


def read(text: str, name: str) -> ScriptFacts:
    """The facts of a script's text."""
    tree = parse(without_magics(text, name)[0])
    if isinstance(tree, str):
        return ScriptFacts(name, why=tree, trains=bool(_TRAINS.search(text)))
    imports = frozenset(_modules(tree))
    values = _constants(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    missing = sorted({found[0] for module, bound in _bound(tree) if (found := gone(module)) and bound & used})
    flag = _FLAG.search(text)
    run = next((each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "run"), None)
    schema = next((path for call in calls if (path := _schema(call, values))), "")
    return ScriptFacts(
        name,
        imports=imports,
        defines=frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef)),
        writes=tuple(dict.fromkeys(path for each in calls for path in _written(each, values))),
        reads=tuple(dict.fromkeys(path for each in calls for path in _read(each, values))),
        schema=schema,
        flag=flag[1] if flag and schema else "",
        trains=bool(_TRAINS.search(text)),
        arguments=len(run.args.args) if run else 0,
        missing=tuple(each for each in missing if each != "azureml.datacollector"),
    )


def _modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _bound(tree: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """Each module with the names that its import gives."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, {name.asname or name.name.split(".")[0]}) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, {name.asname or name.name for name in node.names}


def _constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            path = _path(node.value, found)
            if path is not None:
                found.setdefault(node.targets[0].id, path)
    return found


def _path(node: ast.AST | None, values: dict[str, str]) -> str | None:
    """The path that an expression gives, as far as its source tells."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div):
        left, right = _path(node.left, values), _path(node.right, values)
        between = "/" if isinstance(node.op, ast.Div) else ""
        return None if left is None or right is None else f"{left}{between}{right}"
    if isinstance(node, ast.Call) and _called(node) in ("join", "Path", "open"):
        arguments = node.args[:1] if _called(node) == "open" else node.args
        parts = ["." if "__file__" in ast.unparse(argument) else _path(argument, values) for argument in arguments]
        known = [part for part in parts if part is not None]
        return "/".join(known) if known and len(known) == len(parts) else None
    return None


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _argument(node: ast.Call, place: int, *names: str) -> ast.AST | None:
    by_name = next((keyword.value for keyword in node.keywords if keyword.arg in names), None)
    return by_name or (node.args[place] if len(node.args) > place else None)


def _written(node: ast.Call, values: dict[str, str]) -> Iterator[str]:
    name, path = _called(node), None
    if name == "open":
        mode = _path(_argument(node, 1, "mode"), {}) or ""
        path = _path(_argument(node, 0, "file"), values) if set(mode) & set("wax") else None
    elif name in _WRITERS:
        path = _path(_argument(node, _WRITERS[name], "filename", "path", "filepath"), values)
        path = path if path is not None or name != "dump" else None
    if path and not path.endswith(_TEXTS):
        yield _normal(path)


def _read(node: ast.Call, values: dict[str, str]) -> Iterator[str]:
    if _called(node) in (*_WRITERS, "join", "generate_schema") or any(True for _ in _written(node, values)):
        return
    for each in (*node.args, *(keyword.value for keyword in node.keywords)):
        path = _path(each, values)
        if path and len(path) < 300 and re.search(r"\.\w{1,8}$", path):  # noqa: PLR2004 - no path is as long
            yield _normal(path)


def _schema(node: ast.Call, values: dict[str, str]) -> str:
    if _called(node) != "generate_schema":
        return ""
    return _normal(_path(_argument(node, 3, "filepath"), values) or "")


def _normal(path: str) -> str:
    parts = [each for each in plain(path).split("/") if each not in ("", ".")]
    return "/".join(parts)
