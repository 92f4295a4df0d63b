"""Names that packages gave up: modules that moved, aliases that were removed. Facts, and how to read them."""

# module → module; a name imported from the old one is in the new one
MODULES = {
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.learning_curve": "sklearn.model_selection",
    "sklearn.ensemble.forest": "sklearn.ensemble",
    "sklearn.ensemble.gradient_boosting": "sklearn.ensemble",
    "sklearn.ensemble.bagging": "sklearn.ensemble",
    "sklearn.ensemble.weight_boosting": "sklearn.ensemble",
    "sklearn.tree.tree": "sklearn.tree",
    "sklearn.linear_model.logistic": "sklearn.linear_model",
    "sklearn.linear_model.base": "sklearn.linear_model",
    "sklearn.linear_model.coordinate_descent": "sklearn.linear_model",
    "sklearn.linear_model.stochastic_gradient": "sklearn.linear_model",
    "sklearn.neighbors.classification": "sklearn.neighbors",
    "sklearn.naive_bayes.gaussian": "sklearn.naive_bayes",
    "sklearn.svm.classes": "sklearn.svm",
    "sklearn.cluster.k_means_": "sklearn.cluster",
    "sklearn.decomposition.pca": "sklearn.decomposition",
    "sklearn.preprocessing.data": "sklearn.preprocessing",
    "sklearn.preprocessing.label": "sklearn.preprocessing",
    "sklearn.preprocessing.imputation": "sklearn.preprocessing",
    "sklearn.feature_selection.univariate_selection": "sklearn.feature_selection",
    "sklearn.metrics.scorer": "sklearn.metrics",
    "sklearn.metrics.classification": "sklearn.metrics",
    "sklearn.metrics.ranking": "sklearn.metrics",
    "sklearn.metrics.regression": "sklearn.metrics",
    "sklearn.datasets.samples_generator": "sklearn.datasets",
    "sklearn.datasets.base": "sklearn.datasets",
    "sklearn.lda": "sklearn.discriminant_analysis",
    "sklearn.qda": "sklearn.discriminant_analysis",
    "sklearn.externals.joblib": "joblib",
    "sklearn.externals.six": "six",
    "pandas.tools.plotting": "pandas.plotting",
    "pandas.tslib": "pandas",
    "scipy.misc.common": "scipy.special",
    "xml.etree.cElementTree": "xml.etree.ElementTree",
}
# full name → (module, name) that does the same
NAMES = {
    "sklearn.externals.joblib": ("joblib", ""),
    "sklearn.externals.six": ("six", ""),
    "sklearn.cross_validation": ("sklearn.model_selection", ""),
    "sklearn.grid_search": ("sklearn.model_selection", ""),
    "sklearn.discriminant_analysis.LDA": ("sklearn.discriminant_analysis", "LinearDiscriminantAnalysis"),
    "sklearn.discriminant_analysis.QDA": ("sklearn.discriminant_analysis", "QuadraticDiscriminantAnalysis"),
    "sklearn.preprocessing.Imputer": ("sklearn.impute", "SimpleImputer"),
    "sklearn.mixture.GMM": ("sklearn.mixture", "GaussianMixture"),
    "pandas.scatter_matrix": ("pandas.plotting", "scatter_matrix"),
    "scipy.misc.comb": ("scipy.special", "comb"),
    "scipy.misc.logsumexp": ("scipy.special", "logsumexp"),
    "scipy.misc.factorial": ("scipy.special", "factorial"),
    "scipy.interp": ("numpy", "interp"),
    "scipy.stats.stats.pearsonr": ("scipy.stats", "pearsonr"),
    "fractions.gcd": ("math", "gcd"),
    "cgi.escape": ("html", "escape"),
    "time.clock": ("time", "perf_counter"),
    "inspect.getargspec": ("inspect", "getfullargspec"),
    "base64.encodestring": ("base64", "encodebytes"),
    "base64.decodestring": ("base64", "decodebytes"),
} | {
    f"collections.{name}": ("collections.abc", name)
    for name in (
        "Iterable",
        "Iterator",
        "Mapping",
        "MutableMapping",
        "Sequence",
        "Callable",
        "Hashable",
        "Set",
        "Sized",
    )
}
# full name → a plain expression
PLAIN = {
    "numpy.float": "float",
    "numpy.int": "int",
    "numpy.bool": "bool",
    "numpy.object": "object",
    "numpy.str": "str",
    "numpy.complex": "complex",
    "numpy.long": "int",
    "numpy.unicode": "str",
}
# full name → another attribute of the same module
ATTRIBUTES = {
    "numpy.NaN": "nan", "numpy.NAN": "nan", "numpy.Inf": "inf", "numpy.Infinity": "inf", "numpy.infty": "inf",
    "numpy.PINF": "inf", "numpy.NINF": "inf", "numpy.float_": "float64", "numpy.complex_": "complex128",
    "numpy.int0": "intp",
    "numpy.unicode_": "str_", "numpy.string_": "bytes_", "numpy.product": "prod", "numpy.cumproduct": "cumprod",
    "numpy.sometrue": "any", "numpy.alltrue": "all", "numpy.in1d": "isin", "numpy.trapz": "trapezoid",
    "numpy.row_stack": "vstack", "numpy.round_": "round", "numpy.float128": "longdouble", "numpy.mat": "asmatrix",
    "time.clock": "perf_counter",
}  # fmt: skip
# attributes that no rule can write anew
GONE_ATTRIBUTES = {
    "grid_scores_": "write .cv_results_, a dict of arrays",
    "ftypes": "write .dtypes",
    "is_copy": "leave it out",
}


def current(full: str) -> str:
    """The name by which today's packages know what `full` names; the same for most."""
    module, _, last = full.rpartition(".")
    moved = f"{MODULES[module]}.{last}" if module in MODULES else MODULES.get(full, full)
    for name in (full, moved):
        if name in NAMES:
            return ".".join(part for part in NAMES[name] if part)
    return moved
