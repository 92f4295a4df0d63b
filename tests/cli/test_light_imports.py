import subprocess
import sys

import pytest

from workbench.cli.main import Workbench

pytestmark = pytest.mark.slow

HEAVY = {
    "docker",
    "fsspec",
    "lightkube",
    "matplotlib",
    "mlflow",
    "numpy",
    "onnx",
    "onnxruntime",
    "pandas",
    "pulumi",
    "requests",
    "rich",
    "ruamel",
    "skl2onnx",
    "sklearn",
    "typer",
    "yaml",
}


def _loaded(statement: str) -> set[str]:
    """All modules that are loaded after a statement; what it prints is not among them."""
    code = f"{statement}\nimport sys\nprint('\\n', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def _packages(statement: str) -> set[str]:
    return {name.partition(".")[0] for name in _loaded(statement)}


@pytest.mark.parametrize(
    "module",
    [
        "registry.manifests.manifest",
        "registry.models.registry",
        "registry.manifests.wheels",
        "experiments.runs.run_record",
        "core.home",
        "core.canonical",
    ],
)
def test_what_a_preview_imports_is_the_standard_library_alone(module: str) -> None:
    assert _packages(f"import workbench.{module}") & HEAVY == set()


def test_the_help_imports_no_verb_and_nothing_but_typer() -> None:
    loaded = _loaded("from workbench.cli.main import run; run(['--help'])")
    assert {name.partition(".")[0] for name in loaded} & HEAVY == {"typer"}
    assert loaded & {verb.module for verb in Workbench.table} == set()


@pytest.mark.parametrize("verb", Workbench.table, ids=lambda verb: verb.name)
def test_a_verb_starts_without_what_only_its_work_needs(verb: tuple[str, str, str]) -> None:
    name, module, _ = verb
    loaded = _loaded(f"from workbench.cli.main import run; run([{name!r}, '--help'])")
    assert {each.partition(".")[0] for each in loaded} & HEAVY == {"typer"}
    assert module in loaded


def test_a_training_that_may_be_unchanged_imports_nothing_to_fit_with() -> None:
    assert _packages("import workbench.experiments.training, model.train") & HEAVY == set()


def test_a_list_of_runs_is_filtered_without_what_a_comparison_needs() -> None:
    assert _packages(
        "import workbench.experiments.history.filters, workbench.experiments.runs.run_facts, workbench.cli.runs"
    ) & HEAVY == {"typer"}
