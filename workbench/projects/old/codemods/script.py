"""One script on its way: what its names mean, what was told of it, which imports it still needs. Rewrites nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import libcst as cst
from libcst import helpers

from workbench.projects.old import Remark, Verdict


@dataclass
class Script:
    """A script while it is rewritten.

    `aliases` are its names of modules and of what it imports from them, by their full names; `frames` the names that
    hold pandas frames for sure, `indexed` those whose rows have other labels than numbers; `values` the first value
    that each name is given.
    """

    name: str
    lines: list[str]
    aliases: Mapping[str, str]
    frames: frozenset[str] = frozenset()
    indexed: frozenset[str] = frozenset()
    values: Mapping[str, cst.BaseExpression] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    needed: dict[tuple[str, str, str], None] = field(default_factory=dict)

    def tell(self, line: int, verdict: Verdict, why: str, todo: str = "") -> None:
        """Add a remark on a line of the script as it was, once."""
        shown = self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
        remark = Remark(self.name, line, shown[:200], verdict, why, todo)
        if remark not in self.remarks:
            self.remarks.append(remark)

    def need(self, module: str, name: str = "", alias: str = "") -> str:
        """Note an import that the script needs, and give the name it has there."""
        full = f"{module}.{name}" if name else module
        for known, meaning in self.aliases.items():
            if meaning == full:
                return known
        self.needed[module, name, alias] = None
        return alias or name or module

    def full_name(self, node: cst.BaseExpression) -> str:
        """`numpy.float` for `np.float` where np is numpy; empty for what is no imported name."""
        base = node
        while isinstance(base, cst.Attribute):
            base = base.value
        written = helpers.get_full_name_for_node(node) if isinstance(base, cst.Name) else None
        first, dot, rest = (written or "").partition(".")
        return f"{self.aliases[first]}{dot}{rest}" if first in self.aliases else ""

    def is_frame(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is a frame for sure: a name that was given one, or a part of it with all its rows."""
        if isinstance(node, cst.Name):
            return node.value in self.frames
        several = cst.List | cst.ListComp | cst.Comparison | cst.BinaryOperation | cst.UnaryOperation
        return isinstance(node, cst.Subscript) and self.is_frame(node.value) and isinstance(index_of(node), several)


def code(node: cst.CSTNode) -> str:
    """The source of a node."""
    return cst.Module([]).code_for_node(node)


def short(node: cst.CSTNode) -> str:
    """The source of a node on one line, cut where it is long."""
    text = " ".join(code(node).split())
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 - as much as a remark bears


def text_of(node: cst.BaseExpression | None) -> str | None:
    """The value of a plain string, None for everything else."""
    if not isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        return None
    value = node.evaluated_value
    return value if isinstance(value, str) else None


def is_text(node: cst.BaseExpression | None) -> bool:
    """Whether an expression is a plain string."""
    return text_of(node) is not None


def texts_of(node: cst.BaseExpression | None) -> list[str] | None:
    """The values of a list or tuple of plain strings, or of one; None for everything else."""
    if isinstance(node, cst.List | cst.Tuple):
        found = [text_of(element.value) for element in node.elements]
        return [each for each in found if each is not None] if None not in found else None
    text = text_of(node)
    return None if text is None else [text]


def index_of(node: cst.Subscript) -> cst.BaseExpression | None:
    """What stands in `x[…]` where that is one plain index."""
    if len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
        return None
    return node.slice[0].slice.value


def argument(call: cst.Call, name: str) -> cst.Arg | None:
    """The argument of a call that has this name."""
    return next((arg for arg in call.args if arg.keyword and arg.keyword.value == name), None)


def positional(call: cst.Call) -> list[cst.Arg]:
    """The arguments of a call that have no name, up to the first `*`."""
    found: list[cst.Arg] = []
    for arg in call.args:
        if arg.keyword or arg.star:
            break
        found.append(arg)
    return found


def named(name: str, value: cst.BaseExpression, like: cst.Arg | None = None) -> cst.Arg:
    """`name=value`, with the comma and the spaces of the argument whose place it takes."""
    base = like or cst.Arg(value)
    return base.with_changes(keyword=cst.Name(name), value=value, equal=cst.AssignEqual(cst.SimpleWhitespace(""),
                             cst.SimpleWhitespace("")))  # fmt: skip


def joined(arguments: list[cst.Arg]) -> list[cst.Arg]:
    """Arguments with a comma between each two, and none after the last that did not have one."""
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    last = len(arguments) - 1
    return [
        each.with_changes(comma=comma)
        if number < last and not isinstance(each.comma, cst.Comma)
        else each.with_changes(comma=cst.MaybeSentinel.DEFAULT)
        if number == last and not _ends_line(each)
        else each
        for number, each in enumerate(arguments)
    ]


def with_argument(call: cst.Call, name: str, value: str) -> cst.Call:
    """The call with one more argument behind the others."""
    return call.with_changes(args=joined([*call.args, named(name, cst.parse_expression(value))]))


def without(call: cst.Call, gone: cst.Arg) -> cst.Call:
    """The call without one of its arguments."""
    return call.with_changes(args=joined([arg for arg in call.args if arg is not gone]))


def method(call: cst.Call) -> str:
    """The name of the method that is called, empty where it is none."""
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""


def receiver(call: cst.Call) -> cst.BaseExpression:
    """What a method is called on."""
    assert isinstance(call.func, cst.Attribute)  # noqa: S101 - `method` was asked
    return call.func.value


def renamed(call: cst.Call, name: str) -> cst.Call:
    """The call of another method of the same object."""
    assert isinstance(call.func, cst.Attribute)  # noqa: S101 - `method` was asked
    return call.with_changes(func=call.func.with_changes(attr=cst.Name(name)))


def build(template: str, **parts: Any) -> cst.BaseExpression:  # noqa: ANN401 - expressions, as libcst types them
    """The expression of a template such as `pd.concat([{a}, {b}])`."""
    return helpers.parse_template_expression(template, **parts)


def _ends_line(argument: cst.Arg) -> bool:
    comma = argument.comma
    return isinstance(comma, cst.Comma) and isinstance(comma.whitespace_after, cst.ParenthesizedWhitespace)
