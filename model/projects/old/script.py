"""A Python script of an old project: what is gone is replaced on its own line, so that lines keep their numbers."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from model.projects.old import KEPT, LEFT_OUT, NEEDS_YOU, TRANSLATED, Remark, Translation

_PICKLES = (".pkl", ".pickle", ".joblib")
_MOVED = {"sklearn.cross_validation": "sklearn.model_selection", "sklearn.grid_search": "sklearn.model_selection"}
# Submitted runs have these (model/compat); what is served has them not.
_FOR_SCHEMAS = (
    "azureml.api.realtime.services",
    "azureml.api.schema.dataTypes",
    "azureml.api.schema.sampleDefinition",
)
_GONE = {
    "azureml.dataprep": "read the data with pandas: pd.read_csv('data/FILE.csv')",
    "azureml.assets": "read the files beside the script",
    "azureml.api": "describe the service's input in service_schema.json",
    "mmlspark": "put the jar into the project, or use scikit-learn",
}
_OLD_PANDAS = {"ix": ".loc or .iloc", "as_matrix": ".to_numpy()", "get_value": ".at"}
_SPARK = ("pyspark", "mmlspark")


@dataclass
class _Script:
    name: str
    lines: list[str]
    remarks: list[Remark] = field(default_factory=list)

    def tell(self, node: ast.AST, verdict: str, why: str, todo: str = "") -> None:
        number = int(getattr(node, "lineno", 1))
        shown = self.lines[number - 1].strip()
        self.remarks.append(Remark(self.name, number, shown, verdict, why, todo))  # type: ignore[arg-type]  # one of four

    def replace(self, node: ast.stmt, statement: str) -> None:
        """Put `statement` in the place of a statement; the lines it took more stay, as remarks."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        self.lines[first] = self.lines[first][: node.col_offset] + statement
        for number in range(first + 1, last + 1):
            self.lines[number] = f"# {self.lines[number]}"


def imports(text: str) -> set[str]:
    """The first words of the modules that a script imports; none for text that is no Python."""
    try:
        return {module.partition(".")[0] for node in ast.walk(ast.parse(text)) for module in _modules(node)}
    except (SyntaxError, ValueError):
        return set()


def uses_spark(text: str) -> bool:
    return bool(imports(text) & set(_SPARK))


def translate(text: str, name: str, model: str) -> Translation:
    """The script as it runs here; `model` is the name its pickle is to be registered by."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        why = f"is no Python 3 ({getattr(error, 'msg', error)})"
        line = getattr(error, "lineno", None) or 1
        return Translation(text, [Remark(name, line, "the script", NEEDS_YOU, why, "2to3 helps with Python 2")])
    script = _Script(name, text.splitlines())
    is_score = {"init", "run"} <= {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
    for node in sorted(ast.walk(tree), key=lambda each: getattr(each, "lineno", 0)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            _import(script, node, served=is_score and node in tree.body)
        elif isinstance(node, ast.Call):
            _call(script, node, model if is_score else "")
        elif isinstance(node, ast.Attribute) and node.attr in _OLD_PANDAS:
            script.tell(node, NEEDS_YOU, f".{node.attr} is gone from pandas", f"write {_OLD_PANDAS[node.attr]}")
    return Translation("\n".join(script.lines) + "\n", script.remarks)


def _modules(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module


def _import(script: _Script, node: ast.Import | ast.ImportFrom, *, served: bool) -> None:
    module = next(_modules(node), "")
    if module.startswith("azureml.logging"):
        script.tell(node, KEPT, "works alike: what it is told stands in the run's record")
    elif module in _FOR_SCHEMAS and served:
        script.tell(node, TRANSLATED, "runs have it, services do without")
        script.replace(node, f"with __import__('contextlib').suppress(ImportError): {ast.unparse(node)}")
    elif module in _FOR_SCHEMAS:
        script.tell(node, KEPT, "works alike in runs")
    elif gone := next((each for each in _GONE if module == each or module.startswith(f"{each}.")), None):
        script.tell(node, LEFT_OUT, f"{gone} does not exist here", _GONE[gone])
        script.replace(node, f"pass  # {script.lines[node.lineno - 1].strip()}")
    elif module == "sklearn.externals" and [each.name for each in node.names] == ["joblib"]:
        script.tell(node, TRANSLATED, "joblib is a package of its own")
        script.replace(node, "import joblib" + (f" as {node.names[0].asname}" if node.names[0].asname else ""))
    elif module in _MOVED and isinstance(node, ast.ImportFrom):
        script.tell(node, TRANSLATED, f"is {_MOVED[module]}")
        line = script.lines[node.lineno - 1]
        script.lines[node.lineno - 1] = line.replace(module, _MOVED[module], 1)


def _call(script: _Script, node: ast.Call, model: str) -> None:
    called = ast.unparse(node.func)
    if called.endswith("generate_schema"):
        todo = "the file is an output of the run; workbench schema generate makes it without one"
        script.tell(node, KEPT, "works alike in runs, and writes no pickle", todo)
    elif called.endswith((".dump", ".dumps")) and called.startswith(("pickle", "joblib")):
        todo = "save it as ONNX or with skops; or switch the pickle on by name, see IMPORT.md"
        script.tell(node, KEPT, "writes a pickle, which services refuse to load", todo)
    elif called in ("joblib.load", "pickle.load", "pickle.loads"):
        path = next(
            (each for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)), None
        )
        todo = f"workbench manifest create … --unpickle {model or 'NAME'}, if your own team made the file"
        if path and model and str(path.value).endswith(_PICKLES):
            file = str(path.value).rpartition("/")[2]
            script.tell(node, TRANSLATED, f"a service has its model in models/{model}/", todo)
            pattern = re.compile(rf"(['\"]){re.escape(str(path.value))}\1")
            number = path.lineno - 1
            found = f"str(next(__import__('pathlib').Path('models/{model}').rglob('{file}')))"
            script.lines[number] = pattern.sub(lambda _: found, script.lines[number], count=1)
        else:
            script.tell(node, KEPT, "loads a pickle, which a service refuses", todo)
