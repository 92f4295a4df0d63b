"""Methods of pandas that went away, as calls: each rule takes a call and gives what stands in its place today."""

import re
from collections.abc import Callable

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
    named,
    positional,
    receiver,
    renamed,
    short,
    text_of,
    texts_of,
    with_argument,
    without,
)

_RENAMED = {"iteritems": "items", "applymap": "map", "reindex_axis": "reindex"}
_NUMBERS_ONLY = {"mean", "median", "std", "var", "skew", "kurt", "sem", "quantile", "corr", "cov", "corrwith"}
_ROLLING = ("mean", "sum", "std", "var", "min", "max", "median", "count")
_FREQUENCIES = {"M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "H": "h", "T": "min", "S": "s", "L": "ms", "BM": "BME"}
_META = re.compile(r"[\\^$.|?*+()\[\]{}]")
_GONE = {
    "get_dtype_counts": "write .dtypes.value_counts()", "get_ftype_counts": "write .dtypes.value_counts()",
    "lookup": "write .to_numpy()[rows, columns]", "as_blocks": "go through the columns", "to_panel": "use to_xarray()",
    "to_sparse": "leave it out", "consolidate": "leave it out", "select": "write .loc[…]", "tshift": "write .shift(…)",
    "slice_shift": "write .shift(…)", "swapaxes": "write .T",
}  # fmt: skip


def old_calls(script: Script, line: int, call: cst.Call) -> cst.BaseExpression:
    """A call as today's pandas takes it."""
    name = method(call)
    if script.full_name(call.func).startswith("pandas."):
        return _function(script, line, call, script.full_name(call.func).removeprefix("pandas."))
    if not name or script.full_name(call.func):
        return call
    if rule := _RULES.get(name):
        made = rule(script, call)
        if made is not None:
            script.tell(line, TRANSLATED, f".{name} is {short(made)} today")
            return made
    if name in _RENAMED:
        script.tell(line, TRANSLATED, f".{name} is .{_RENAMED[name]} today")
        return renamed(call, _RENAMED[name])
    if name in ("agg", "aggregate") and _is_nested(call):
        script.tell(line, NEEDS_YOU, "agg takes no names inside of a dict any more", "write .agg(name=(column, how))")
    if name in _GONE and (name != "select" or script.is_frame(receiver(call))):
        script.tell(line, NEEDS_YOU, f".{name} is gone from pandas", _GONE[name])
    return call


def appended(script: Script, call: cst.Call) -> cst.BaseExpression | None:
    """`df.append(other)` whose value is used: a list's append has none, so this is a frame's or a series'."""
    if method(call) != "append" or not positional(call) or script.full_name(receiver(call)):
        return None
    other = positional(call)[0].value
    known = script.values.get(other.value, other) if isinstance(other, cst.Name) else other
    pandas = script.need("pandas", "", "pd")
    rest = "".join(f", {code(arg.with_changes(comma=cst.MaybeSentinel.DEFAULT))}" for arg in call.args[1:])
    if isinstance(known, cst.Dict) or (isinstance(known, cst.Call) and script.full_name(known.func) == "dict"):
        rows = f"{pandas}.DataFrame([{{other}}])"
    elif isinstance(known, cst.Call) and script.full_name(known.func) == "pandas.Series" and rest:
        rows = "{other}.to_frame().T"
    else:
        rows = "*{other}" if isinstance(known, cst.List | cst.ListComp) else "{other}"
    return build(f"{pandas}.concat([{{frame}}, {rows}]{rest})", frame=receiver(call), other=other)


def _as_matrix(_script: Script, call: cst.Call) -> cst.BaseExpression:
    given = next((arg.value for arg in call.args), None)
    plain = build("{frame}.to_numpy()", frame=receiver(call))
    return plain if given is None else build("{frame}[{given}].to_numpy()", frame=receiver(call), given=given)


def _get_value(_script: Script, call: cst.Call) -> cst.BaseExpression | None:
    given = positional(call)
    if len(given) == 1:
        return build("{on}.at[{row}]", on=receiver(call), row=given[0].value)
    if len(given) == 2:  # noqa: PLR2004 - row and column
        return build("{on}.at[{row}, {column}]", on=receiver(call), row=given[0].value, column=given[1].value)
    return None


def _sort(script: Script, call: cst.Call) -> cst.BaseExpression | None:
    columns = argument(call, "columns")
    if columns:
        others = [arg if arg is not columns else named("by", arg.value, arg) for arg in call.args]
        return renamed(call.with_changes(args=others), "sort_values")
    first = next(iter(positional(call)), None)
    if first and texts_of(first.value) is not None:
        return renamed(call, "sort_values")
    return renamed(call, "sort_index") if script.is_frame(receiver(call)) and not first else None


def _sort_index(_script: Script, call: cst.Call) -> cst.BaseExpression | None:
    return renamed(call, "sort_values") if argument(call, "by") else None


def _fillna(_script: Script, call: cst.Call) -> cst.BaseExpression | None:
    how = argument(call, "method")
    word = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}.get(
        text_of(how.value) or "" if how else ""
    )
    return renamed(without(call, how), word) if how and word else None


def _clip(name: str) -> Callable[[Script, cst.Call], cst.BaseExpression | None]:
    def rule(_script: Script, call: cst.Call) -> cst.BaseExpression | None:
        given = positional(call)
        if len(given) != 1:
            return None
        return renamed(call, "clip").with_changes(args=[named(name, given[0].value, given[0]), *call.args[1:]])

    return rule


def _mad(_script: Script, call: cst.Call) -> cst.BaseExpression | None:
    if call.args or not isinstance(receiver(call), cst.Name | cst.Subscript):
        return None
    return build("({on} - {on}.mean()).abs().mean()", on=receiver(call))


def _replace(_script: Script, call: cst.Call) -> cst.BaseExpression | None:
    on, given = receiver(call), positional(call)
    if not (isinstance(on, cst.Attribute) and on.attr.value == "str" and len(given) > 1) or argument(call, "regex"):
        return None
    pattern = text_of(given[0].value)
    if pattern is not None and (len(pattern) < 2 or not _META.search(pattern)):  # noqa: PLR2004 - one letter was plain
        return None
    return with_argument(call, "regex", "True")


def _resample(_script: Script, call: cst.Call) -> cst.BaseExpression | None:
    how = argument(call, "how")
    word = text_of(how.value) if how else None
    plain = without(call, how) if how and word else call
    fresh = _frequency(plain, 0, "rule")
    if word:
        return build(f"{{call}}.{word}()", call=fresh)
    return fresh if fresh is not call else None


def _convert_objects(script: Script, call: cst.Call) -> cst.BaseExpression | None:
    if not argument(call, "convert_numeric"):
        return None
    pandas, on = script.need("pandas", "", "pd"), receiver(call)
    if isinstance(on, cst.Subscript) and is_text(index_of(on)):
        return build(f'{pandas}.to_numeric({{on}}, errors="coerce")', on=on)
    return build(f'{{on}}.apply({pandas}.to_numeric, errors="coerce")', on=on)


def _numbers_only(script: Script, call: cst.Call) -> cst.BaseExpression | None:
    """A frame with columns of text had these left out; today that has to be said."""
    if (
        not script.is_frame(receiver(call))
        or argument(call, "numeric_only")
        or isinstance(receiver(call), cst.Subscript)
    ):
        return None
    return with_argument(call, "numeric_only", "True")


def _is_nested(call: cst.Call) -> bool:
    given = next((each.value for each in positional(call)), None)
    return isinstance(given, cst.Dict) and any(isinstance(element.value, cst.Dict) for element in given.elements)


def _frequency(call: cst.Call, place: int, name: str) -> cst.Call:
    found = argument(call, name) or (positional(call)[place] if len(positional(call)) > place else None)
    word = re.fullmatch(r"(\d*)([A-Z]+)", text_of(found.value) or "") if found else None
    if not found or not word or word.group(2) not in _FREQUENCIES:
        return call
    fresh = found.with_changes(value=cst.SimpleString(f'"{word.group(1)}{_FREQUENCIES[word.group(2)]}"'))
    return call.with_changes(args=[fresh if arg is found else arg for arg in call.args])


def _function(script: Script, line: int, call: cst.Call, name: str) -> cst.BaseExpression:
    made: cst.BaseExpression = call
    moving = re.fullmatch(r"rolling_(\w+)", name)
    given = positional(call)
    if moving and moving.group(1) in _ROLLING and len(given) > 1:
        made = build(f"{{x}}.rolling({{window}}).{moving.group(1)}()", x=given[0].value, window=given[1].value)
    elif name == "value_counts" and given:
        rest = call.with_changes(func=cst.parse_expression("x.value_counts"), args=call.args[1:])
        series = build("{pandas}.Series({x})", pandas=cst.Name(script.need("pandas", "", "pd")), x=given[0].value)
        made = rest.with_changes(func=cst.Attribute(series, cst.Name("value_counts")))
    elif name == "DataFrame.from_csv" and given:
        changed = call.with_changes(func=cst.parse_expression(f"{script.need('pandas', '', 'pd')}.read_csv"))
        made = with_argument(with_argument(changed, "index_col", "0"), "parse_dates", "True")
    elif name == "get_dummies" and not argument(call, "dtype"):
        script.tell(line, TRANSLATED, "gives 0 and 1 as it did, not False and True")
        return with_argument(call, "dtype", "int")
    elif name == "date_range":
        made = _frequency(call, 3, "freq")
    if made is not call:
        script.tell(line, TRANSLATED, f"pandas.{name} is {short(made)} today")
    return made


_RULES: dict[str, Callable[[Script, cst.Call], cst.BaseExpression | None]] = {
    "as_matrix": _as_matrix, "get_value": _get_value, "sort": _sort, "sort_index": _sort_index, "fillna": _fillna,
    "clip_upper": _clip("upper"), "clip_lower": _clip("lower"), "mad": _mad, "replace": _replace,
    "resample": _resample, "convert_objects": _convert_objects, **dict.fromkeys(_NUMBERS_ONLY, _numbers_only),
}  # fmt: skip
