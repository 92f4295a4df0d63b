"""A home, a project and small data for every test: nothing outside the temporary folder, no network."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from model import dataset, fitting, sample
from model.dataset import Dataset
from model.fitting import Fitted
from model.parameters import Parameters

TREE = Path(__file__).resolve().parents[2]
QUICK = Parameters(max_iter=12, replicates=100)
MakeWheel = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "registry"


@pytest.fixture(scope="session")
def csv_bytes() -> bytes:
    return sample.generate(1500, seed=3)


@pytest.fixture
def csv_file(tmp_path: Path, csv_bytes: bytes) -> Path:
    path = tmp_path / "churn.csv"
    path.write_bytes(csv_bytes)
    return path


@pytest.fixture(scope="session")
def parts(csv_bytes: bytes) -> tuple[Dataset, Dataset]:
    return fitting.split(dataset.parse(csv_bytes, "churn.csv"), 0.25, 0, "churn.csv")


@pytest.fixture(scope="session")
def fitted(parts: tuple[Dataset, Dataset]) -> Fitted:
    return fitting.fit(*parts, QUICK, 0, lambda _line: None)


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
    (folder / "requirements" / "scoring.txt").write_text(pinned(make_wheel()))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    monkeypatch.chdir(folder)
    return folder
