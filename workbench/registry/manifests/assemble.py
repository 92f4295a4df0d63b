"""From model versions to a manifest whose wheels are at hand. Owns the order of steps, none of them itself."""

from collections.abc import Callable, Sequence
from pathlib import Path

from workbench.core import home
from workbench.core.counting import counted
from workbench.core.errors import ManifestError
from workbench.registry.manifests import manifest, requirement_lines, wheels
from workbench.registry.manifests.requirements import lock
from workbench.registry.models.registry import ModelVersion
from workbench.registry.schemas import score_script

_SCORE = Path("scoring", "score.py")
_REQUIREMENTS = Path("requirements", "scoring.txt")
_SHIPPED = Path(__file__).with_name("scoring.txt")


def assemble(
    service: str,
    models: Sequence[ModelVersion],
    say: Callable[[str], None],
    *,
    score: Path | None = None,
    schema: Path | None = None,
    own: Path | None = None,
    dependencies: Sequence[Path] = (),
    unpickle: Sequence[str] = (),
    root: Path | None = None,
) -> manifest.Manifest:
    """A manifest of these models, by default with the project's score script and runtime and a model's schema.

    `own` names what the score script needs beside the server, `dependencies` files and folders that lie beside it,
    `unpickle` the models whose pickles it may load.

    The wheels come first: a manifest that stands in the registry can always be built. Raises ManifestError,
    RegistryError or WheelsError.
    """
    project = home.project()
    server = project / _REQUIREMENTS if (project / _REQUIREMENTS).is_file() else _SHIPPED
    if not (score or (project / _SCORE).is_file()):
        raise ManifestError(f"{project}: has no score script of its own kind; give -f score.py")
    script = score or project / _SCORE
    chosen = schema or next((path for path in map(_schema_of, models) if path.is_file()), None)
    if not chosen:
        _check_takes_body(script)
        say("no schema, neither by -s nor in a model: run() gets each body as text, and callers see no example")
    requirements = lock(requirement_lines.read(own), own, server, manifest.PYTHON, say, root) if own else server
    wheels.fetch(requirements, manifest.PYTHON, say, root)
    return manifest.create(
        service,
        models,
        score=script,
        schema=chosen,
        requirements=requirements,
        dependencies=dependencies,
        unpickle=unpickle,
        root=root,
    )


def _schema_of(model: ModelVersion) -> Path:
    return model.place / manifest.SCHEMA


def _check_takes_body(script: Path) -> None:
    count = score_script.count(script)
    if count not in (1, None):
        raise ManifestError(
            f"{script}: run() takes {counted(count or 0, 'argument')}; without a schema it gets the body alone; give"
            f" -s, made by: workbench schema generate -f {script} -d SAMPLES"
        )
