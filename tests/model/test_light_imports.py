import subprocess
import sys

import pytest

HEAVY = {"numpy", "pandas", "sklearn", "onnx", "onnxruntime", "skl2onnx", "typer", "ruamel", "yaml", "requests"}


def _loaded(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*(name.partition('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["manifest", "registry", "wheels", "run_record", "home", "canonical"])
def test_what_a_preview_imports_is_the_standard_library_alone(module: str) -> None:
    assert _loaded(f"import model.{module}") & HEAVY == set()


def test_the_command_line_starts_without_what_only_some_verbs_need() -> None:
    assert _loaded("import model.cli.main") & (HEAVY - {"typer"}) == set()


def test_a_training_that_may_be_unchanged_imports_nothing_to_fit_with() -> None:
    assert _loaded("import model.train") & HEAVY == set()
