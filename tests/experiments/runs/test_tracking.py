import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tree import TREE
from workbench import tracking
from workbench.experiments.runs import tracked

COMPAT = TREE / "workbench" / "projects" / "compat"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run that this process is the script of."""
    folder = tmp_path / "run"
    (folder / "outputs").mkdir(parents=True)
    monkeypatch.setenv("WORKBENCH_TRACKING", str(folder / tracked.FILE))
    monkeypatch.setenv("WORKBENCH_OUTPUTS", str(folder / "outputs"))
    return folder


def test_a_metric_told_once_is_its_value(run: Path) -> None:
    tracking.log("Accuracy", 0.909)
    tracking.log("rows", np.int64(20468))
    tracking.log("note", "by customer")
    found = tracked.read(run)
    assert found.metrics == {"Accuracy": 0.909, "rows": 20468, "note": "by customer"}
    assert found.record()["series"] == {}


def test_a_metric_told_again_is_a_series_in_the_order_told(run: Path) -> None:
    for loss in (0.9, 0.5, 0.7):
        tracking.log("loss", loss)
    points = tracked.read(run).series["loss"]
    assert [(point.step, point.value) for point in points] == [(0, 0.9), (1, 0.5), (2, 0.7)]
    assert [point.time for point in points] == sorted(point.time for point in points)
    assert tracked.read(run).record()["series"] == {"loss": 3}
    assert tracked.read(run).metrics["loss"] == 0.7


def test_steps_of_the_script_are_kept_and_sorted_by(run: Path) -> None:
    for step in (20, 0, 10):
        tracking.log("loss", 1 / (step + 1), step=step)
    assert [point.step for point in tracked.read(run).series["loss"]] == [0, 10, 20]
    assert tracked.read(run).metrics["loss"] == 1 / 21


def test_lists_parameters_and_numbers_that_json_lacks(run: Path) -> None:
    tracking.log_list("importances", np.array([0.5, 0.25]))
    tracking.parameters(depth=4, kind="tree")
    tracking.log("loss", float("nan"))
    tracking.log("bound", np.float64("-inf"))
    found = tracked.read(run)
    assert found.lists == {"importances": [0.5, 0.25]}
    assert found.parameters == {"depth": 4, "kind": "tree"}
    assert found.metrics == {"loss": "nan", "bound": "-inf"}
    assert found.record()["lists"] == {"importances": 2}


class Figure:
    """What a plotting library's figure can do."""

    def savefig(self, path: Path) -> None:
        path.write_bytes(b"png")


def test_images_and_files_are_kept_among_the_outputs(run: Path, tmp_path: Path) -> None:
    (tmp_path / "plot.svg").write_text("<svg/>")
    (run / "outputs" / "here.txt").write_text("1")
    tracking.log_image("plots/roc", tmp_path / "plot.svg")
    tracking.log_image("lift", Figure())
    tracking.artifact(tmp_path / "plot.svg", "copies/again.svg")
    tracking.artifact(run / "outputs" / "here.txt")
    found = tracked.read(run)
    assert found.images == {"plots/roc": "plots/roc.svg", "lift": "lift.png"}
    assert found.artifacts == {"copies/again.svg": "copies/again.svg", "here.txt": "here.txt"}
    for path in (*found.images.values(), *found.artifacts.values()):
        assert (run / "outputs" / path).is_file()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: tracking.log("a", [1]), "a: list is neither number nor text; log_list"),
        (lambda: tracking.artifact("none.txt"), "none.txt: there is no such file"),
        (lambda: tracking.artifact(__file__, "../up.py"), "leads out of outputs/"),
        (lambda: tracking.log_image("../up", Figure()), "leads out of outputs/"),
    ],
)
def test_what_cannot_be_told_is_an_error_of_the_script(run: Path, call: Callable[[], None], error: str) -> None:
    with pytest.raises((ValueError, TypeError, OSError), match=error):
        call()
    assert tracked.read(run) == tracked.Tracked()


@pytest.mark.parametrize(
    ("name", "kept", "outcome"),
    [
        ("two\nlines\t", "two lines", "kept as 'two lines'"),
        ("x" * 300, "x" * 200, "kept as 'xxx"),
        (7, "7", "kept as '7'"),
        (None, "None", "kept as 'None'"),
        ("half \ud800 a letter", "half a letter", "kept as 'half a letter'"),
        ("", None, "its values are not kept"),
        ("\n", None, "its values are not kept"),
    ],
)
def test_an_odd_name_is_mended_or_left_out_with_a_line_and_ends_no_training(
    run: Path, capsys: pytest.CaptureFixture[str], name: Any, kept: str | None, outcome: str
) -> None:
    tracking.log(name, 1)
    tracking.log_list(name, [1])
    found = tracked.read(run)
    assert (found.metrics, found.lists) == (({kept: 1}, {kept: [1]}) if kept else ({}, {}))
    first, second = capsys.readouterr().err.splitlines()
    assert first == second
    assert outcome in first


def test_what_a_killed_script_left_unfinished_hides_nothing(run: Path) -> None:
    tracking.log("a", 1)
    with (run / tracked.FILE).open("a") as file:
        file.write('[1]\n{"kind": "metric"}\nnull\n{"kind":"metric","name":"b","value":{},"time":""}\n{"kind": "me')
    assert tracked.read(run).metrics == {"a": 1}
    assert tracked.read(run / "nowhere").metrics == {}


def test_processes_that_tell_at_once_lose_no_line(run: Path) -> None:
    code = "from workbench import tracking\nfor step in range(200): tracking.log('{0}', step)"
    several = [subprocess.Popen([sys.executable, "-c", code.format(name)], cwd=TREE) for name in "abcd"]
    assert [each.wait() for each in several] == [0] * 4
    assert [json.loads(line)["kind"] for line in (run / tracked.FILE).read_text().splitlines()] == ["metric"] * 800
    assert {name: len(points) for name, points in tracked.read(run).series.items()} == dict.fromkeys("abcd", 200)


def test_outside_a_run_it_prints_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("WORKBENCH_TRACKING", "WORKBENCH_OUTPUTS"):
        monkeypatch.delenv(name, raising=False)
    tracking.log("Accuracy", 0.5)
    tracking.log_list("few", [1, 2])
    tracking.log_image("figure", Figure())
    tracking.artifact(__file__)
    assert capsys.readouterr().out.splitlines()[:2] == ["Accuracy: 0.5", "few: [1, 2]"]
    assert list(tmp_path.iterdir()) == []


def test_it_needs_the_standard_library_alone(tmp_path: Path) -> None:
    (tmp_path / "workbench").mkdir()
    for name in ("__init__.py", "tracking.py"):
        (tmp_path / "workbench" / name).write_bytes((TREE / "workbench" / name).read_bytes())
    code = "from workbench import tracking; tracking.log('a', 1)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {code}"],
        cwd=tmp_path, capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == "a: 1\n"


def test_the_retired_logger_tells_the_same_run(run: Path) -> None:
    script = (
        "from azureml.logging import get_azureml_logger\nrun_logger = get_azureml_logger()\n"
        "run_logger.log('Accuracy', 0.9)\nrun_logger.log('few', [1, 2])\nrun_logger.log('used', 'true')\n"
    )
    environment = {"PYTHONPATH": f"{COMPAT}:{TREE}", "WORKBENCH_TRACKING": str(run / tracked.FILE)}
    subprocess.run([sys.executable, "-c", script], env=environment, cwd=run, check=True)
    assert tracked.read(run).metrics == {"Accuracy": 0.9, "used": "true"}
    assert tracked.read(run).lists == {"few": [1, 2]}


def test_the_retired_names_are_nobody_elses() -> None:
    code = "import workbench, importlib.util; print(importlib.util.find_spec('azureml'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=TREE, capture_output=True, text=True, check=True)
    assert done.stdout == "None\n"
