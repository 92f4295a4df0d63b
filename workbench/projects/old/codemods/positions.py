"""Arguments that once went by their place and now go by name: a table of methods and functions, and the rule."""

import libcst as cst

from workbench.projects.old import TRANSLATED
from workbench.projects.old.codemods.script import Script, argument, method, named, positional, receiver

# The parameters of pandas 0.20 in their order; those behind the bar go by name today.
_METHODS = {
    "drop": "labels | axis level inplace errors",
    "dropna": "| axis how thresh subset inplace",
    "fillna": "value | method axis inplace limit",
    "ffill": "| axis inplace limit",
    "bfill": "| axis inplace limit",
    "sort_values": "by | axis ascending inplace kind na_position",
    "sort_index": "| axis level ascending inplace",
    "set_index": "keys | drop append inplace",
    "reset_index": "level | drop inplace",
    "drop_duplicates": "subset | keep inplace",
    "to_csv": "path | sep na_rep float_format columns header index",
    "to_excel": "path | sheet_name",
    "interpolate": "method | axis limit inplace",
    "pivot": "| index columns values",
}
# Also methods of arrays, which know the name too.
_AXIS = dict.fromkeys(("any", "all", "sum", "mean", "std", "var", "median", "min", "max", "prod"), "| axis")
_STRINGS = {"split": "pat | n expand", "rsplit": "pat | n expand"}
_FUNCTIONS = {
    "pandas.concat": "objs | axis join",
    "pandas.read_csv": "path | sep",
    "pandas.read_table": "path | sep",
    "pandas.read_excel": "path | sheet_name header",
    "pandas.get_dummies": "data | prefix prefix_sep dummy_na",
}
_SEABORN = dict.fromkeys(
    (f"seaborn.{name}plot" for name in
     ("box", "bar", "count", "violin", "point", "strip", "swarm", "line", "scatter", "reg", "lm", "joint", "cat")),
    "| x y hue data",
)  # fmt: skip
_NUMBERS = ("0", "1")


def by_name(script: Script, line: int, call: cst.Call) -> cst.Call:
    """The call with a name before each argument that needs one today."""
    order = _order(script, call)
    given = positional(call)
    if not order or "|" not in order:
        return call
    free, names = order.index("|"), [each for each in order if each != "|"]
    if len(given) <= free or len(given) > len(names):
        return call
    named_ones = {arg.keyword.value for arg in call.args if arg.keyword}
    if named_ones & set(names[: len(given)]):
        return call
    changed = [each if place < free else named(names[place], each.value, each) for place, each in enumerate(given)]
    words = ", ".join(names[free : len(given)])
    script.tell(line, TRANSLATED, f"{words} goes by name today")
    return call.with_changes(args=[*changed, *call.args[len(given) :]])


def _order(script: Script, call: cst.Call) -> list[str]:
    full = script.full_name(call.func)
    if full in _FUNCTIONS:
        return _FUNCTIONS[full].split()
    if full in _SEABORN and (len(positional(call)) > 1 or argument(call, "data")):
        return _SEABORN[full].split()
    name = method(call)
    if not name or full:
        return []
    if name in _STRINGS and isinstance(on := receiver(call), cst.Attribute) and on.attr.value == "str":
        return _STRINGS[name].split()
    if name in _AXIS:
        first = next(iter(positional(call)), None)
        plain = first is not None and isinstance(first.value, cst.Integer) and first.value.value in _NUMBERS
        return _AXIS[name].split() if plain and len(call.args) == 1 else []
    return _METHODS.get(name, "").split()
