"""What scripts import and PyPI calls otherwise, what the Workbench's Python brought along, and what is gone. Facts."""

# import name → distribution, where they differ; those that the base of the Workbench (Anaconda's) had
DISTRIBUTIONS = {
    "PIL": "pillow", "bs4": "beautifulsoup4", "cv2": "opencv-python-headless", "dateutil": "python-dateutil",
    "docx": "python-docx", "dotenv": "python-dotenv", "git": "gitpython", "imblearn": "imbalanced-learn",
    "jwt": "pyjwt", "mpl_toolkits": "matplotlib", "pylab": "matplotlib", "skimage": "scikit-image",
    "sklearn": "scikit-learn", "skopt": "scikit-optimize", "yaml": "pyyaml",
}  # fmt: skip
BASE = frozenset({
    "PIL", "bs4", "dateutil", "h5py", "ipywidgets", "jinja2", "joblib", "jsonschema", "lxml", "matplotlib",
    "mpl_toolkits", "networkx", "nltk", "numexpr", "numpy", "openpyxl", "pandas", "patsy", "psutil", "pylab", "pytz",
    "requests", "scipy", "seaborn", "skimage", "six", "sklearn", "sqlalchemy", "statsmodels", "sympy", "tables", "tqdm",
    "xlrd", "yaml",
})  # fmt: skip
# module, with all below it → what to do instead
_GONE = {
    "azureml.dataprep": "read the data with pandas: pd.read_csv('data/FILE.csv')",
    "azureml.assets": "read the files beside the script",
    "azureml.datacollector": "nothing is collected here; the server counts requests and rows",
    "azureml.api": "describe the service's input in service_schema.json",
    "azureml.core": "submit runs with: workbench experiment submit",
    "azureml.sdk": "read the data with pandas",
    "azureml.spark": "read the data with pandas",
    "azureml": "leave it out",
    "mmlspark": "put the jar into the project, or use scikit-learn",
    "revoscalepy": "use scikit-learn",
    "microsoftml": "use scikit-learn",
    "cntk": "use another library for networks, or ONNX",
    "pandas.io.data": "download the data once, and read it with pandas",
    "sklearn.utils.testing": "use numpy.testing",
}
_HERE = (
    "azureml.logging", "azureml.api.realtime.services", "azureml.api.schema.dataTypes",
    "azureml.api.schema.sampleDefinition",
)  # fmt: skip
SPARK = ("pyspark", "mmlspark")


def gone(module: str) -> tuple[str, str] | None:
    """The package that is gone, and what to do instead; None for a module that can be had."""
    if module in _HERE:
        return None
    found = next((each for each in _GONE if module == each or module.startswith(f"{each}.")), None)
    return (found, _GONE[found]) if found else None


def distribution(module: str) -> str:
    """The name on PyPI of what has this import name."""
    return DISTRIBUTIONS.get(module, module)
