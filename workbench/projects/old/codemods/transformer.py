"""One walk over a script, in which every rule sees what it is for, with the line that it had. Owns no rule."""

from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import PositionProvider

from workbench.projects.old import LEFT_OUT, NEEDS_YOU, TRANSLATED
from workbench.projects.old.codemods import (
    estimators,
    frames,
    indexing,
    installed,
    modules,
    names,
    paths,
    positions,
    reading,
)
from workbench.projects.old.codemods.script import Script, code, method, receiver, text_of

Small = cst.BaseSmallStatement | cst.RemovalSentinel | cst.FlattenSentinel[cst.BaseSmallStatement]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a script is rewritten for: the files around it, outputs of the training by name, modules that are renamed.

    `served` scripts have init() and run(); those that `finds_model` find it where a service has it.
    """

    served: bool = False
    finds_model: bool = False
    outputs: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    local: dict[str, str] = field(default_factory=dict)


class Transformer(cst.CSTTransformer):
    """The walk."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, script: Script, setting: Setting, unused: frozenset[str], tellers: dict[str, str],
                 unnamed: frozenset[str]) -> None:  # fmt: skip
        super().__init__()
        self._script, self._setting, self._unused, self._tellers = script, setting, unused, tellers
        self._renames = _renames(script, unnamed)
        self._called: set[int] = set()
        self._valued: set[int] = set()
        self._fixed: set[int] = set()
        self._written: set[int] = set()
        self.finds_model = False

    def _line(self, node: cst.CSTNode) -> int:
        return int(self.get_metadata(PositionProvider, node).start.line)

    def visit_Call(self, node: cst.Call) -> None:
        self._called.add(id(node.func))

    def visit_Attribute(self, node: cst.Attribute) -> None:
        self._fixed.add(id(node.attr))
        self._valued.add(id(node.value))

    def visit_Arg(self, node: cst.Arg) -> None:
        self._fixed.add(id(node.keyword))
        self._valued.add(id(node.value))

    def visit_Assign(self, node: cst.Assign) -> None:
        self._valued.add(id(node.value))

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self._written.add(id(node.target))

    def visit_Import(self, node: cst.Import) -> bool:  # noqa: ARG002 - the walk's protocol
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:  # noqa: ARG002 - the walk's protocol
        return False

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> Small:
        line = self._line(original_node)
        return modules.imported(self._script, line, updated_node, self._unused, self._setting.local)

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> Small:
        line = self._line(original_node)
        return modules.imported_from(self._script, line, updated_node, self._unused, self._setting.local)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        new = self._renames.get(updated_node.value)
        return cst.Name(new) if new and id(original_node) not in self._fixed else updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        full, line = self._script.full_name(original_node), self._line(original_node)
        if full in names.PLAIN:
            self._script.tell(line, TRANSLATED, f"{full} is {names.PLAIN[full]} today")
            return cst.Name(names.PLAIN[full])
        if full in names.ATTRIBUTES:
            self._script.tell(line, TRANSLATED, f"{full} is {names.ATTRIBUTES[full]} today")
            sign = "-" if full == "numpy.NINF" else ""
            return cst.parse_expression(f"{sign}{code(updated_node.value)}.{names.ATTRIBUTES[full]}")
        if full.startswith("pandas.np."):
            self._script.tell(line, TRANSLATED, "pandas has no np any more")
            return cst.parse_expression(f"{self._script.need('numpy', '', 'np')}.{full.removeprefix('pandas.np.')}")
        if full in names.NAMES and (new := names.NAMES[full])[1]:
            self._script.tell(line, TRANSLATED, f"{full} is {'.'.join(new)} today")
            return cst.parse_expression(self._script.need(*new))
        if id(original_node) not in self._called:
            self._check(full, line)
        if todo := names.GONE_ATTRIBUTES.get(original_node.attr.value):
            self._script.tell(line, NEEDS_YOU, f".{original_node.attr.value} is gone", todo)
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        script, line = self._script, self._line(original_node)
        full = script.full_name(original_node.func)
        if full == "numpy.asscalar" and len(updated_node.args) == 1:
            script.tell(line, TRANSLATED, "numpy.asscalar is .item() today")
            return cst.Call(cst.Attribute(updated_node.args[0].value, cst.Name("item")))
        if id(original_node) in self._valued and (made := frames.appended(script, updated_node)):
            script.tell(line, TRANSLATED, "append of frames is pandas.concat today")
            return made
        call = positions.by_name(script, line, updated_node)
        if self._setting.finds_model and full not in reading.TELLERS:
            found = paths.reads_model(script, call, self._setting.outputs)
            if found is not call:
                self.finds_model = True
                script.tell(line, TRANSLATED, "a service has its model's files below models/")
                call = found
        made = estimators.today(script, line, call, full)
        if isinstance(made, cst.Call) and made.func is call.func:
            made = frames.old_calls(script, line, made)
        if made is call:
            self._check(full, line)
        return made

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:
        written = id(original_node) in self._written
        return indexing.ix(self._script, self._line(original_node), updated_node, written=written)

    def leave_Comparison(self, original_node: cst.Comparison, updated_node: cst.Comparison) -> cst.BaseExpression:
        asked = indexing.type_asked(self._script, self._line(original_node), original_node)
        return updated_node if asked is original_node else asked

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.For:
        line = self._line(original_node)
        over = estimators.folds_iterated(self._script, line, original_node.iter, updated_node.iter)
        return updated_node.with_changes(iter=over)

    def leave_AssignTarget(self, original_node: cst.AssignTarget, updated_node: cst.AssignTarget) -> cst.AssignTarget:
        target = indexing.assigned(self._script, self._line(original_node), updated_node.target)
        if target is updated_node.target:
            return updated_node
        assert isinstance(target, cst.Subscript)  # noqa: S101 - the rule gives nothing else
        return updated_node.with_changes(target=target)

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> Small:
        line, target = self._line(original_node), original_node.targets[0].target
        if isinstance(target, cst.Name) and target.value in self._tellers and isinstance(original_node.value, cst.Call):
            self._script.tell(line, LEFT_OUT, "tells a service of the past, or a run that a service has not")
            return cst.RemoveFromParent()
        path = paths.path_of(self._script, original_node.value) if self._setting.finds_model else None
        if path is not None and paths.is_model(path, self._setting.outputs):
            self.finds_model = True
            self._script.tell(line, TRANSLATED, "a service has its model's files below models/")
            return updated_node.with_changes(value=paths.found(path))
        return updated_node

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> Small:
        call, line = updated_node.value, self._line(original_node)
        if not isinstance(call, cst.Call):
            return updated_node
        if method(call) and isinstance(on := receiver(call), cst.Name) and on.value in self._tellers:
            if method(call) == "collect":
                self._script.tell(line, LEFT_OUT, "nothing is collected here")
                return cst.RemoveFromParent()
            self._script.tell(line, TRANSLATED, "a service has no run to tell: printed into its log")
            return updated_node.with_changes(value=call.with_changes(func=cst.Name("print")))
        if code(call).startswith("get_ipython()"):
            self._script.tell(line, LEFT_OUT, "is a notebook's own")
            return cst.RemoveFromParent()
        made = indexing.in_place(self._script, line, call) or indexing.set_value(self._script, line, call)
        return made or updated_node

    def leave_Global(self, original_node: cst.Global, updated_node: cst.Global) -> Small:  # noqa: ARG002 - as it is
        kept = [name for name in updated_node.names if name.name.value not in self._tellers]
        if not kept:
            return cst.RemoveFromParent()
        last = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(names=[*kept[:-1], last])

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel | cst.FlattenSentinel[cst.SimpleStatementLine]:
        if not updated_node.body:
            return cst.RemoveFromParent()
        if len(updated_node.body) > len(original_node.body):
            lines = [cst.SimpleStatementLine([each.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])
                     for each in updated_node.body]  # fmt: skip
            lines[0] = lines[0].with_changes(leading_lines=updated_node.leading_lines)
            lines[-1] = lines[-1].with_changes(trailing_whitespace=updated_node.trailing_whitespace)
            return cst.FlattenSentinel(lines)
        return updated_node

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.SimpleString:
        text = text_of(updated_node)
        path = paths.relative(text, self._setting.files) if text else None
        if not path:
            return updated_node
        self._script.tell(self._line(original_node), TRANSLATED, f"is {path} in this project")
        return cst.SimpleString(f'"{path}"')

    def _check(self, full: str, line: int) -> None:
        if full in names.PLAIN or full in names.ATTRIBUTES or names.current(full) != full:
            return
        if installed.has(full) is False and installed.has(full.rpartition(".")[0]):
            package = full.split(".", maxsplit=1)[0]
            todo = "see the release notes of the library for what to use instead"
            self._script.tell(line, NEEDS_YOU, f"{full} is gone from {package} {installed.version(package)}", todo)


def _renames(script: Script, unnamed: frozenset[str]) -> dict[str, str]:
    """Imported names that have another name today; `unnamed` ones have no alias of the script's own."""
    found = {}
    for name, full in script.aliases.items():
        new = names.current(full)
        if new != full and name in unnamed:
            found[name] = new.rpartition(".")[2]
    return {name: new for name, new in found.items() if name != new}
