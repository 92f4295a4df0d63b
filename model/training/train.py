"""One training as a recorded run: from a CSV file to a model version, or the version an equal run gave before.

Owns the run's life and when it is repeated; how a model is fitted is `fitting`'s business. Its imports cost seconds, so
they wait until something is fitted.
"""

import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version as package_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model import home, interruption
from model.canonical import canonical_json, digest, sha256_hex
from model.errors import DataError, WorkbenchError
from model.models.registry import ModelRegistry, ModelVersion, check_name
from model.runs import run_record
from model.training.parameters import Parameters

if TYPE_CHECKING:
    from model.training.fitting import Fitted

_PACKAGES = ("numpy", "onnx", "onnxruntime", "pandas", "scikit-learn", "scipy", "skl2onnx")
_CODE = (
    "data/columns.py",
    "data/dataset.py",
    "tables/cell.py",
    "tables/csv_table.py",
    "training/evaluate.py",
    "training/evaluation.py",
    "training/fitting.py",
    "training/onnx_export.py",
    "training/parameters.py",
    "training/pipeline.py",
    "training/service_schema.py",
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to train: the CSV file, the model's name, the seed of split, fit and bootstrap, and the parameters."""

    data: Path
    name: str = "churn"
    seed: int = 0
    parameters: Parameters = field(default_factory=Parameters)
    force: bool = False


@dataclass(frozen=True)
class Outcome:
    """The version, the run that gave it, its metrics, and whether an earlier run's result was reused."""

    model: ModelVersion
    run_id: str
    metrics: dict[str, Any]
    unchanged: bool


def train(request: Request, say: Callable[[str], None], root: Path | None = None) -> Outcome:
    """Train and register, or reuse the version of a completed run with equal inputs unless `request.force`.

    `say` gets one line a step. Raises DataError before a run is begun; any error after that leaves the run `failed`
    (`canceled` when interrupted) and no new version.
    """
    check_name(request.name)
    data = _read(request.data)
    inputs = _inputs(request, data)
    registry = ModelRegistry(root)
    if not request.force and (earlier := _earlier(digest(canonical_json(inputs)), registry, root)):
        say(f"unchanged: run {earlier.run_id} trained {earlier.model.label} from the same inputs")
        return earlier

    from model.data import dataset  # seconds of imports that an unchanged training does not need
    from model.training import fitting  # seconds of imports that an unchanged training does not need

    say(f"reading {request.data}")
    source = str(request.data)
    parts = fitting.split(dataset.parse(data, source, say), request.parameters.test_share, request.seed, source)
    run = run_record.Run.start(home.project_name(), _facts(request, inputs), root)

    def tell(line: str) -> None:
        run.log(line)
        say(line)

    try:
        fitted = fitting.fit(*parts, request.parameters, request.seed, tell)
        return _keep(run, fitted, request, registry, tell)
    except (KeyboardInterrupt, SystemExit):
        run.finish(run_record.CANCELED)
        raise
    except BaseException as error:
        if interruption.came():
            run.finish(run_record.CANCELED)
            raise
        run.finish(run_record.FAILED, error=str(error).partition("\n")[0][:500])
        raise


def _keep(
    run: run_record.Run, fitted: "Fitted", request: Request, registry: ModelRegistry, tell: Callable[[str], None]
) -> Outcome:
    run.save(fitted.files | fitted.kept)
    model = registry.register(request.name, fitted.files, run_id=run.id, metrics=fitted.metrics)
    tell(
        f"{model.label} is {model.digest}"
        + ("" if model.run_id == run.id else f", as run {model.run_id} registered it")
    )
    named = {"name": model.name, "version": model.version, "digest": model.digest}
    run.finish(run_record.COMPLETED, metrics=fitted.metrics, model=named)
    return Outcome(model, run.id, fitted.metrics, unchanged=False)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); give --data the path of a CSV file") from error


def _inputs(request: Request, data: bytes) -> dict[str, Any]:
    """All that the result depends on; equal inputs give an equal model."""
    package = Path(__file__).parents[1]
    code = {name: sha256_hex((package / name).read_bytes()) for name in _CODE}
    return {
        "data": digest(data),
        "name": request.name,
        "seed": request.seed,
        "parameters": request.parameters.as_dict(),
        "code": digest(canonical_json(code)),
        "python": platform.python_version(),
        "packages": {name: package_version(name) for name in _PACKAGES},
    }


def _facts(request: Request, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "inputs": inputs,
        "inputs_digest": digest(canonical_json(inputs)),
        "data": str(request.data),
        "git": run_record.git_state(home.project()),
    }


def _earlier(inputs_digest: str, registry: ModelRegistry, root: Path | None) -> Outcome | None:
    """The newest completed run of these inputs whose model version is still intact."""
    for run in reversed(run_record.list_all(root)):
        if run["status"] == run_record.COMPLETED and run["inputs_digest"] == inputs_digest:
            named = run["model"]
            try:
                model = registry.get(named["name"], named["version"])
                model.verify()
            except WorkbenchError:
                continue
            if model.digest == named["digest"]:
                return Outcome(model, run["id"], run["metrics"], unchanged=True)
    return None
