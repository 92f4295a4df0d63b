"""A home, a project, small data and a command line for every test: nothing outside the temporary folder, no network."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tree import TREE, copy_training
from workbench.cli import main
from workbench.core.canonical import canonical_json
from workbench.experiments.runs import run_record
from workbench.experiments.runs.run_record import Run

if TYPE_CHECKING:
    from model.dataset import Dataset
    from model.fitting import Fitted

MakeWheel = Callable[..., Path]
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    monkeypatch.delenv("WORKBENCH_REGISTRY", raising=False)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "registry"


@pytest.fixture(scope="session")
def csv_bytes() -> bytes:
    from model import sample  # pandas is slow to import

    return sample.generate(1500, seed=3)


@pytest.fixture
def csv_file(tmp_path: Path, csv_bytes: bytes) -> Path:
    path = tmp_path / "churn.csv"
    path.write_bytes(csv_bytes)
    return path


@pytest.fixture(scope="session")
def parts(csv_bytes: bytes) -> "tuple[Dataset, Dataset]":
    from model import dataset, fitting  # scikit-learn is slow to import

    return fitting.split(dataset.parse(csv_bytes, "churn.csv"), 0.25, 0, "churn.csv")


@pytest.fixture(scope="session")
def fitted(parts: "tuple[Dataset, Dataset]") -> "Fitted":
    from model import fitting  # scikit-learn is slow to import
    from model.parameters import Parameters

    return fitting.fit(*parts, Parameters(max_iter=12, replicates=100), 0, lambda _line: None)


@pytest.fixture
def make_wheel(tmp_path: Path) -> MakeWheel:
    """Build a wheel that pip accepts, from a name and files (path → text)."""

    def build(name: str = "tiny", files: dict[str, str] | None = None, folder: Path | None = None) -> Path:
        target = (folder or tmp_path / "links") / f"{name}-1.0-py3-none-any.whl"
        target.parent.mkdir(parents=True, exist_ok=True)
        content = {
            **({f"{name}.py": "VALUE = 1\n"} if files is None else files),
            f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{name}-1.0.dist-info/RECORD": "",
        }
        with zipfile.ZipFile(target, "w") as archive:
            for path, text in content.items():
                archive.writestr(path, text)
        return target

    return build


@pytest.fixture
def pinned() -> Callable[..., str]:
    """The text of a hash-pinned requirements.txt for wheels."""

    def text(*wheels: Path) -> str:
        lines = [
            f"{wheel.name.split('-')[0]}==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
            for wheel in wheels
        ]
        return "# locked\n" + "".join(lines)

    return text


@pytest.fixture
def project(
    tmp_path: Path,
    home: Path,  # noqa: ARG001 - a project without a home of its own would write to the user's
    monkeypatch: pytest.MonkeyPatch,
    make_wheel: MakeWheel,
    pinned: Callable[..., str],
) -> Path:
    """A project in which pip finds its one wheel without a network; the working directory is in it."""
    folder = tmp_path / "project"
    (folder / "requirements").mkdir(parents=True)
    (folder / "scoring").mkdir()
    (folder / "Pulumi.yaml").write_text("name: churn\nruntime: python\n")
    shutil.copy(TREE / "scoring" / "score.py", folder / "scoring")
    copy_training(folder)
    (folder / "requirements" / "scoring.txt").write_text(pinned(make_wheel()))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def call(capsysbinary: pytest.CaptureFixture[bytes]) -> Call:
    """Run a command line; the answer is its exit code, stdout and stderr."""

    def run(*arguments: object, debug: bool = False) -> tuple[int, str, str]:
        code = main.run([str(each) for each in arguments], debug=debug)
        out, err = capsysbinary.readouterr()  # what runs print passes through as bytes
        return code, out.decode(), err.decode()

    return run


@pytest.fixture
def script_run(home: Path) -> Callable[..., str]:
    """Leave the run of a script that told a series of losses and a list, with a few outputs; gives its id."""
    assert home

    def leave(*losses: float, status: str = run_record.COMPLETED) -> str:
        run = Run.start("churn", {"target": "local"})
        told = [{"kind": "metric", "name": "loss", "value": value, "time": "t"} for value in losses]
        told.append({"kind": "list", "name": "classes", "values": [1, 2, 3], "time": "t"})
        (run.folder / "tracking.jsonl").write_bytes(b"".join(canonical_json(each) for each in told))
        run.save({"model.pkl": b"1", "plots/roc.png": b"2", "plots/deep/pr.png": b"3"})
        run.finish(status, metrics={"loss": losses[-1]} if losses else {})
        return run.id

    return leave
