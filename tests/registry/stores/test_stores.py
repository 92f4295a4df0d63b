"""Which store WORKBENCH_REGISTRY means, and that a folder needs nothing but the standard library."""

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.core import home as places
from workbench.core.errors import RegistryError
from workbench.experiments.runs import run_record
from workbench.registry.models.registry import ModelRegistry
from workbench.registry.stores import stores
from workbench.registry.stores.folder_store import FolderStore
from workbench.registry.stores.stores import VARIABLE


def test_runs_and_models_lie_in_the_home_unless_another_place_is_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert stores.at().place == str(home / "registry")
    for named in (str(tmp_path / "team"), f"file://{tmp_path}/team", f" {tmp_path}/team "):
        monkeypatch.setenv(VARIABLE, named)
        assert stores.at().place == str(tmp_path / "team")
    assert places.registry() == home / "registry"  # manifests, wheels and locks stay


def test_a_file_uri_may_quote_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"file://{tmp_path}/a%20team")
    assert stores.at().place == f"{tmp_path}/a team"


def test_a_folder_named_by_the_variable_holds_runs_and_models(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "team"))
    run = run_record.Run.start("churn", {})
    run.finish(run_record.COMPLETED)
    version = ModelRegistry().register("churn", {"model.onnx": b"1"}, run_id=run.id, metrics={})
    assert version.folder == tmp_path / "team" / "models" / "churn" / "1"
    assert [each["id"] for each in run_record.list_all()] == [run.id]
    assert not home.exists()


def test_a_root_that_is_given_goes_before_the_variable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "s3://elsewhere/team")
    store = stores.at(root)
    assert isinstance(store, FolderStore)
    assert store.root == root


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("s3://key:secret@bucket/team", "holds credentials or a query after s3://…"),
        ("https://host/team?signature=secret", "holds credentials or a query after https://…"),
        ("http://host/team", "http cannot create a record only if there is none"),
        ("memory://team", "memory cannot create a record only if there is none"),
        ("nonsense://team", "nonsense cannot create"),
        ("s3://[team", "is no URI"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused_in_one_line(
    place: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, place)
    with pytest.raises(RegistryError, match=message) as caught:
        ModelRegistry()
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_missing_library_is_told_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "s3://bucket/team")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(RegistryError, match=r"registry s3://bucket/team: needs a package more .*pip install s3fs"):
        ModelRegistry()


def test_a_registry_in_a_folder_imports_nothing_for_other_places(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from workbench.registry.models.registry import ModelRegistry;"
        " from workbench.experiments.runs import run_record;"
        f" root = Path({str(tmp_path)!r}); run_record.Run.start('churn', {{}}, root).finish('completed');"
        " ModelRegistry(root).register('churn', {'a': b'1'}, run_id='', metrics={}); ModelRegistry(root).list();"
        " print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded & {"fsspec", "s3fs", "botocore", "aiohttp", "asyncio", "urllib3", "requests", "mlflow"} == set()
    assert "workbench.registry.stores.remote_store" not in done.stdout.split()
