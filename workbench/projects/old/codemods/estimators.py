"""Calls of scikit-learn as today's release takes them: keywords, values, and folds that once knew their data."""

import libcst as cst

from workbench.projects.old import LEFT_OUT, NEEDS_YOU, TRANSLATED
from workbench.projects.old.codemods import installed, names
from workbench.projects.old.codemods.script import (  # fmt: skip
    Script,
    argument,
    build,
    code,
    method,
    named,
    positional,
    renamed,
    text_of,
    with_argument,
    without,
)

# An old keyword, and those that may stand for it; the first that the class takes today.
_KEYWORDS = {
    "n_folds": ("n_splits",), "n_iter": ("max_iter", "n_splits"), "sparse": ("sparse_output",), "metric": (),
    "base_estimator": ("estimator",), "affinity": ("metric",), "n_topics": ("n_components",),
    "y_pred": ("y_score", "y_proba"),
}  # fmt: skip
# Keywords without which the call means the same, or nearly so.
_DROPPED = {
    "presort", "iid", "precompute_distances", "warn_on_dtype", "min_impurity_split", "n_jobs", "copy", "axis",
    "verbose", "fit_params", "pooling_func", "error_score", "decision_function_shape", "algorithm", "random_state",
}  # fmt: skip
_VALUES = {
    ("criterion", "mse"): '"squared_error"', ("criterion", "mae"): '"absolute_error"',
    ("loss", "deviance"): '"log_loss"', ("loss", "ls"): '"squared_error"', ("loss", "lad"): '"absolute_error"',
    ("loss", "log"): '"log_loss"', ("class_weight", "auto"): '"balanced"', ("class_weight", "subsample"): '"balanced"',
    ("scoring", "mean_squared_error"): '"neg_mean_squared_error"', ("scoring", "log_loss"): '"neg_log_loss"',
    ("scoring", "mean_absolute_error"): '"neg_mean_absolute_error"',
    ("scoring", "median_absolute_error"): '"neg_median_absolute_error"',
}  # fmt: skip
_FOLDS = {"KFold", "StratifiedKFold", "ShuffleSplit", "StratifiedShuffleSplit", "LeaveOneOut"}
_SELECTION = "sklearn.model_selection."


def today(script: Script, line: int, call: cst.Call, full: str) -> cst.BaseExpression:
    """A call of what `full` names; the same call where it is none of scikit-learn's."""
    if not full.startswith("sklearn."):
        return _method(script, line, call)
    full = names.current(full)
    name = full.rpartition(".")[2]
    if full.startswith(_SELECTION) and name in _FOLDS:
        call = _without_data(script, line, call)
    if name == "SimpleImputer":
        call = _imputer(script, line, call)
    taken = installed.parameters(full)
    for keyword in [arg.keyword.value for arg in call.args if arg.keyword]:
        if each := argument(call, keyword):
            call = _argument(script, line, call, each, name, taken)
    penalty = argument(call, "penalty")
    if name == "LogisticRegression" and penalty and text_of(penalty.value) in ("l1", "l2"):
        call = _penalty(script, line, call, penalty)
    many = argument(call, "multi_class")
    if name == "LogisticRegression" and many and taken and "multi_class" not in taken:
        call = without(call, many)
        if text_of(many.value) == "ovr":
            one_by_one = script.need("sklearn.multiclass", "OneVsRestClassifier")
            script.tell(line, TRANSLATED, "one class against the rest is a class of its own today")
            return build(f"{one_by_one}({{call}})", call=call)
        script.tell(line, TRANSLATED, "multi_class is decided by the data today")
    return call


def folds_iterated(
    script: Script, line: int, over: cst.BaseExpression, fresh: cst.BaseExpression
) -> cst.BaseExpression:
    """`for train, test in folds` as `folds.split(data)`, where the folds were made of data; `fresh` are today's."""
    made = script.values.get(over.value) if isinstance(over, cst.Name) else over
    if not isinstance(made, cst.Call):
        return fresh
    name = script.full_name(made.func).rpartition(".")[2]
    given = positional(made)
    if name not in _FOLDS or not given or not script.full_name(made.func).startswith("sklearn.cross_validation"):
        return fresh
    script.tell(line, TRANSLATED, "folds split the data they are given")
    data, twice = _data(given[0].value), name.startswith("Stratified")
    return build("{folds}.split({data}, {data})" if twice else "{folds}.split({data})", folds=fresh, data=data)


def _without_data(script: Script, line: int, call: cst.Call) -> cst.Call:
    """Folds without the data, or its size, that they once began with: anything but a small number of splits."""
    given = positional(call)
    if not given or not script.full_name(call.func).startswith("sklearn.cross_validation"):
        return call
    rest = list(call.args[1:])
    if len(given) > 1:
        rest[0] = named("n_splits", given[1].value, given[1])
    script.tell(line, TRANSLATED, "folds are made without the data today")
    return call.with_changes(args=rest)


def _data(size: cst.BaseExpression) -> cst.BaseExpression:
    """X of `len(X)`, `X.shape[0]` and X itself."""
    if isinstance(size, cst.Call) and code(size.func) == "len":
        return size.args[0].value
    text = code(size)
    if text.endswith(".shape[0]"):
        return cst.parse_expression(text.removesuffix(".shape[0]"))
    return build("range({n})", n=size) if isinstance(size, cst.Integer) else size


def _penalty(script: Script, line: int, call: cst.Call, penalty: cst.Arg) -> cst.Call:
    """l2 is what there is without a word; l1 is a ratio, and needs the solver that was the default."""
    call = without(call, penalty)
    if text_of(penalty.value) == "l2":
        script.tell(line, TRANSLATED, "l2 is what there is without a word")
        return call
    script.tell(line, TRANSLATED, "l1 is l1_ratio=1 today, and needs the solver that was the default")
    call = with_argument(call, "l1_ratio", "1")
    return call if argument(call, "solver") else with_argument(call, "solver", '"liblinear"')


def _imputer(script: Script, line: int, call: cst.Call) -> cst.Call:
    missing = argument(call, "missing_values")
    if missing and text_of(missing.value) == "NaN":
        nan = cst.parse_expression(f"{script.need('numpy', '', 'np')}.nan")
        call = call.with_changes(args=[named("missing_values", nan, arg) if arg is missing else arg
                                       for arg in call.args])  # fmt: skip
    axis = argument(call, "axis")
    if axis and code(axis.value) != "0":
        script.tell(
            line, NEEDS_YOU, "SimpleImputer fills column by column alone", "transpose the data before and after"
        )
    return call


def _argument(
    script: Script, line: int, call: cst.Call, each: cst.Arg, name: str, taken: frozenset[str] | None
) -> cst.Call:
    keyword = each.keyword.value if each.keyword else ""
    fresh = each
    value = text_of(each.value)
    if value is not None and (keyword, value) in _VALUES:
        fresh = each.with_changes(value=cst.parse_expression(_VALUES[keyword, value]))
        script.tell(line, TRANSLATED, f"{keyword} {value!r} is {code(fresh.value)} today")
    elif keyword == "max_features" and value == "auto":
        word = "1.0" if name.endswith("Regressor") else '"sqrt"'
        fresh = each.with_changes(value=cst.parse_expression(word))
        script.tell(line, TRANSLATED, f"max_features 'auto' is {word} today")
    if taken is not None and keyword not in taken and keyword != "multi_class":
        other = next((word for word in _KEYWORDS.get(keyword, ()) if word in taken), None)
        if other:
            fresh = named(other, fresh.value, fresh)
            script.tell(line, TRANSLATED, f"{keyword} is {other} today")
        elif keyword in _DROPPED or (keyword == "normalize" and code(each.value) in ("False", '"auto"')):
            script.tell(line, LEFT_OUT, f"{name} has no {keyword} any more")
            return without(call, each)
        elif keyword == "normalize" and name == "LinearRegression":
            script.tell(line, LEFT_OUT, "normalize is gone; predictions of LinearRegression are the same without")
            return without(call, each)
        else:
            script.tell(line, NEEDS_YOU, f"{name} of scikit-learn {installed.version('sklearn')} has no {keyword}",
                        f"it takes {', '.join(sorted(taken)[:12])}")  # fmt: skip
    return call if fresh is each else call.with_changes(args=[fresh if one is each else one for one in call.args])


def _method(script: Script, line: int, call: cst.Call) -> cst.BaseExpression:
    if method(call) == "get_feature_names" and not script.full_name(call.func):
        script.tell(line, TRANSLATED, ".get_feature_names is .get_feature_names_out today")
        return renamed(call, "get_feature_names_out")
    return call
