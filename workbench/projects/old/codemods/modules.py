"""Import statements: what moved gets its new name, what is gone goes where nothing uses it."""

from collections.abc import Sequence

import libcst as cst
from libcst import helpers

from workbench.projects.old import KEPT, LEFT_OUT, NEEDS_YOU, TRANSLATED
from workbench.projects.old.codemods import installed, names
from workbench.projects.old.codemods.script import Script
from workbench.projects.old.packages import gone

Statement = cst.BaseSmallStatement | cst.RemovalSentinel | cst.FlattenSentinel[cst.BaseSmallStatement]
_LOGGING = "azureml.logging"
# Submitted runs have these (model/compat); what is served has them not.
FOR_RUNS = (
    "azureml.logging", "azureml.api.realtime.services", "azureml.api.schema.dataTypes",
    "azureml.api.schema.sampleDefinition",
)  # fmt: skip


def imported_from(
    script: Script, line: int, node: cst.ImportFrom, unused: frozenset[str], local: dict[str, str]
) -> Statement:
    """`from … import …` as it can be had; `unused` are names that the script does nothing with."""
    module = helpers.get_full_name_for_node(node.module) if node.module else ""
    if node.relative or not module or isinstance(node.names, cst.ImportStar):
        return node
    if module.split(".")[0] in local:
        return node.with_changes(module=_dotted(_local(module, local)))
    if module in FOR_RUNS:
        script.tell(line, KEPT, "works alike in runs" + (": what it is told stands in the run's record"
                                                         if module == _LOGGING else ""))  # fmt: skip
        return node
    if found := gone(module):
        return _gone(script, line, node, found, {_bound(name) for name in node.names} <= unused)
    return _moved(script, line, node, module, node.names)


def imported(script: Script, line: int, node: cst.Import, unused: frozenset[str], local: dict[str, str]) -> Statement:
    """`import …` as it can be had."""
    found = next((word for each in node.names if (word := gone(_name(each)))), None)
    if found:
        return _gone(script, line, node, found, {_bound(each) for each in node.names} <= unused)
    changed = []
    for each in node.names:
        name = _name(each)
        new = names.current(name)
        first = name.split(".")[0]
        if first in local:
            alias = each.asname or _as(name) if "." not in name else each.asname
            changed.append(each.with_changes(name=_dotted(_local(name, local)), asname=alias))
        elif new != name:
            script.tell(line, TRANSLATED, f"{name} is {new} today")
            changed.append(each.with_changes(name=_dotted(new)))
        else:
            if installed.has(name) is False:
                script.tell(line, NEEDS_YOU, f"{name} is gone from {first} {installed.version(first)}")
            changed.append(each)
    return node.with_changes(names=changed)


def _moved(
    script: Script, line: int, node: cst.ImportFrom, module: str, listed: Sequence[cst.ImportAlias]
) -> Statement:
    """One statement for each module that the names are in today."""
    where: dict[str, list[cst.ImportAlias]] = {}
    for each in listed:
        full = f"{module}.{_name(each)}"
        new = names.current(full)
        if new != full:
            script.tell(line, TRANSLATED, f"{full} is {new} today")
        elif installed.has(full) is False:
            package = module.partition(".")[0]
            todo = f"{package} {installed.version(package)} has no such name"
            script.tell(line, NEEDS_YOU, f"{full} is gone", todo)
        parent, _, last = new.rpartition(".")
        fresh = each.with_changes(name=cst.Name(last), comma=cst.MaybeSentinel.DEFAULT)
        where.setdefault(parent, [])
        if all(not fresh.deep_equals(other) for other in where[parent]):
            where[parent].append(fresh)
    if list(where) == [module]:
        same = [_name(each) for each in where[module]] == [_name(each) for each in listed]
        return node if same else node.with_changes(names=where[module])
    plain = node.with_changes(lpar=None, rpar=None)
    made: list[cst.BaseSmallStatement] = []
    for parent, aliases in where.items():
        if parent:
            # The brackets of a long list stay with it.
            kept = node if len(where) == 1 else plain
            inner = list(listed) if len(where) == 1 else aliases
            renamed = [one.with_changes(name=new.name) for one, new in zip(inner, aliases, strict=False)]
            made.append(kept.with_changes(module=_dotted(parent), names=renamed))
        else:
            made.append(cst.Import([alias.with_changes(name=alias.name) for alias in aliases]))
    return made[0] if len(made) == 1 else cst.FlattenSentinel(made)


def _gone(script: Script, line: int, node: cst.BaseSmallStatement, found: tuple[str, str], unused: bool) -> Statement:
    module, todo = found
    if unused:
        script.tell(line, LEFT_OUT, f"{module} does not exist here, and nothing uses it")
        return cst.RemoveFromParent()
    script.tell(line, NEEDS_YOU, f"{module} does not exist here", todo)
    return node


def _local(module: str, local: dict[str, str]) -> str:
    first, dot, rest = module.partition(".")
    return f"{local[first]}{dot}{rest}"


def _dotted(name: str) -> cst.Attribute | cst.Name:
    made = cst.parse_expression(name)
    assert isinstance(made, cst.Attribute | cst.Name)  # noqa: S101 - names of modules are nothing else
    return made


def _as(name: str) -> cst.AsName:
    return cst.AsName(cst.Name(name))


def _name(alias: cst.ImportAlias) -> str:
    return alias.evaluated_name


def _bound(alias: cst.ImportAlias) -> str:
    """The name that an import gives the script."""
    return alias.evaluated_alias or alias.evaluated_name.split(".")[0]
