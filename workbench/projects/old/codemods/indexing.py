"""`.ix`, writing into a part of a part, and questions for a column's type, as today's pandas takes them."""

import libcst as cst

from workbench.projects.old import NEEDS_YOU, TRANSLATED
from workbench.projects.old.codemods.script import (  # fmt: skip
    Script,
    argument,
    build,
    code,
    index_of,
    is_text,
    method,
    receiver,
    text_of,
    texts_of,
    without,
)

_IN_PLACE = {"fillna", "replace", "interpolate", "ffill", "bfill", "clip", "where", "mask"}
_OBJECT = {"object", "O"}


def ix(script: Script, line: int, node: cst.Subscript, *, written: bool) -> cst.BaseExpression:
    """`df.ix[…]` by labels, by places, or by both one after the other; `written` says that it is assigned to."""
    on = node.value
    if not isinstance(on, cst.Attribute) or on.attr.value != "ix":
        return node
    by_place = [_is_places(each.slice) for each in node.slice]
    if by_place[0] and isinstance(on.value, cst.Name) and on.value.value in script.indexed:
        return _rows_by_place(script, line, node, on, written=written)
    if len(by_place) == 1 or not by_place[1]:
        # Rows by number are labels to .ix where the index is of numbers, as it is unless set.
        script.tell(line, TRANSLATED, ".ix is .loc today: numbers of rows are labels")
        return node.with_changes(value=on.with_changes(attr=cst.Name("loc")))
    rows = node.slice[0].slice
    if (by_place[0] and isinstance(rows, cst.Index)) or _is_all(rows):
        script.tell(line, TRANSLATED, ".ix is .iloc today")
        return node.with_changes(value=on.with_changes(attr=cst.Name("iloc")))
    if written:
        script.tell(line, NEEDS_YOU, ".ix is gone: rows by label, columns by place", "write .loc[rows, df.columns[n]]")
        return node
    script.tell(line, TRANSLATED, ".ix is .loc for rows and .iloc for columns today")
    first = node.with_changes(
        value=on.with_changes(attr=cst.Name("loc")), slice=[node.slice[0].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
    )
    every = cst.SubscriptElement(cst.Slice(None, None))
    return cst.Subscript(cst.Attribute(first, cst.Name("iloc")), [every, node.slice[1]])


def _rows_by_place(
    script: Script, line: int, node: cst.Subscript, on: cst.Attribute, *, written: bool
) -> cst.BaseExpression:
    """`.ix` of a frame whose index is of dates or words: numbers are places there."""
    by_place = on.with_changes(attr=cst.Name("iloc"))
    if len(node.slice) == 1 or _is_places(node.slice[1].slice) or _is_all(node.slice[1].slice):
        script.tell(line, TRANSLATED, ".ix is .iloc today")
        return node.with_changes(value=by_place)
    if written:
        script.tell(line, NEEDS_YOU, ".ix is gone: rows by place, columns by label", "write .loc[df.index[n], columns]")
        return node
    script.tell(line, TRANSLATED, ".ix is .iloc for rows and .loc for columns today")
    rows = node.slice[0].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    frame = cst.Subscript(by_place, [rows]) if isinstance(rows.slice, cst.Slice) else None
    if frame is None:
        return cst.Subscript(cst.Subscript(by_place, [rows]), [node.slice[1]])
    every = cst.SubscriptElement(cst.Slice(None, None), comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
    return cst.Subscript(cst.Attribute(frame, cst.Name("loc")), [every, node.slice[1]])


def assigned(script: Script, line: int, target: cst.BaseExpression) -> cst.BaseExpression:
    """`df["a"][rows] = …`, which writes into a copy today, as `df.loc[rows, "a"] = …`."""
    if not isinstance(target, cst.Subscript) or len(target.slice) != 1:
        return target
    found = _column(script, target.value)
    if found is None or texts_of(index_of(target)) is not None:
        return target
    frame, column = found
    script.tell(line, TRANSLATED, "a part of a column is written by .loc: the column alone is a copy today")
    rows = target.slice[0].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
    return cst.Subscript(cst.Attribute(frame, cst.Name("loc")), [rows, cst.SubscriptElement(cst.Index(column))])


def in_place(script: Script, line: int, call: cst.Call) -> cst.Assign | None:
    """`df["a"].fillna(0, inplace=True)`, which changes a copy today, as an assignment."""
    inplace = argument(call, "inplace") if method(call) in _IN_PLACE else None
    if inplace is None or code(inplace.value) != "True":
        return None
    on = receiver(call)
    plain = isinstance(on, cst.Subscript) and isinstance(on.value, cst.Name) and _is_column(index_of(on))
    if not plain and _column(script, on) is None:
        return None
    assert isinstance(on, cst.Subscript | cst.Attribute)  # noqa: S101 - one of the two was just seen
    script.tell(line, TRANSLATED, "inplace on a column changes a copy today: assigned")
    return cst.Assign([cst.AssignTarget(on)], without(call, inplace))


def set_value(script: Script, line: int, call: cst.Call) -> cst.Assign | None:
    """`df.set_value(row, column, value)` as an assignment."""
    if method(call) != "set_value" or len(call.args) != 3:  # noqa: PLR2004 - row, column, value
        return None
    script.tell(line, TRANSLATED, ".set_value is .at today")
    row, column, value = (arg.value for arg in call.args)
    target = build("{on}.at[{row}, {column}]", on=receiver(call), row=row, column=column)
    assert isinstance(target, cst.Subscript)  # noqa: S101 - the template says so
    return cst.Assign([cst.AssignTarget(target)], value)


def type_asked(script: Script, line: int, node: cst.Comparison) -> cst.BaseExpression:
    """`df["a"].dtype == object`, where text has a type of its own today."""
    if len(node.comparisons) != 1 or not isinstance(node.left, cst.Attribute):
        return node
    operator, right = node.comparisons[0].operator, node.comparisons[0].comparator
    is_object = text_of(right) in _OBJECT or script.full_name(right) in ("numpy.object", "numpy.object_")
    is_object = is_object or (isinstance(right, cst.Name) and right.value == "object")
    asked = node.left.attr.value
    if not is_object or asked not in ("dtype", "dtypes") or not isinstance(operator, cst.Equal | cst.NotEqual):
        return node
    script.tell(line, TRANSLATED, "columns of text have the type str today, no longer object")
    negated = isinstance(operator, cst.NotEqual)
    if asked == "dtypes" and (script.is_frame(node.left.value) or isinstance(node.left.value, cst.Name)):
        pandas = script.need("pandas", "", "pd")
        made = f"{{types}}.map({pandas}.api.types.is_string_dtype)"
        return build(f"~{made}" if negated else made, types=node.left)
    return build(f'{{types}} {"not in" if negated else "in"} (object, "str")', types=node.left)


def _column(script: Script, node: cst.BaseExpression) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """The frame and the name of its column, of `df["a"]` and `df.a` where df is a frame."""
    if isinstance(node, cst.Subscript) and script.is_frame(node.value):
        column = index_of(node)
        return (node.value, column) if column is not None and _is_column(column) else None
    if isinstance(node, cst.Attribute) and script.is_frame(node.value) and node.attr.value not in _NOT_COLUMNS:
        return node.value, cst.SimpleString(f'"{node.attr.value}"')
    return None


_NOT_COLUMNS = {"loc", "iloc", "ix", "at", "iat", "values", "columns", "index", "T", "str", "dt", "dtypes", "shape"}


def _is_column(node: cst.BaseExpression | None) -> bool:
    return is_text(node) or isinstance(node, cst.Name)


def _is_places(node: cst.BaseSlice) -> bool:
    """Whether an index is of numbers alone."""
    if isinstance(node, cst.Slice):
        ends = [each for each in (node.lower, node.upper) if each is not None]
        return bool(ends) and all(_is_number(end) for end in ends)
    value = node.value if isinstance(node, cst.Index) else None
    if isinstance(value, cst.List):
        return bool(value.elements) and all(_is_number(element.value) for element in value.elements)
    return value is not None and texts_of(value) is None and _is_number(value)


def _is_number(node: cst.BaseExpression) -> bool:
    inner = node.expression if isinstance(node, cst.UnaryOperation) else node
    return isinstance(inner, cst.Integer)


def _is_all(node: cst.BaseSlice) -> bool:
    return isinstance(node, cst.Slice) and node.lower is None and node.upper is None
