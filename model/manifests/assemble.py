"""From model versions to a manifest whose wheels are at hand. Owns the order of steps, none of them itself."""

from collections.abc import Callable, Sequence
from pathlib import Path

from model import home
from model.errors import ManifestError
from model.manifests import manifest, requirement_lines, wheels
from model.manifests.requirements import lock
from model.models.registry import ModelVersion

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
    """A manifest of these models, with the project's score script and runtime and the first model's schema by default.

    `own` names what the score script needs beside the server, `dependencies` files and folders that lie beside it,
    `unpickle` the models whose pickles it may load.

    The wheels come first: a manifest that stands in the registry can always be built. Raises ManifestError,
    RegistryError or WheelsError.
    """
    project = home.project()
    server = project / _REQUIREMENTS if (project / _REQUIREMENTS).is_file() else _SHIPPED
    if not (score or (project / _SCORE).is_file()):
        raise ManifestError(f"{project}: has no score script of its own kind; give -f score.py")
    if not (schema or models):
        raise ManifestError("a manifest without a model has no schema of its own; give -s service_schema.json")
    requirements = lock(requirement_lines.read(own), own, server, manifest.PYTHON, say, root) if own else server
    wheels.fetch(requirements, manifest.PYTHON, say, root)
    return manifest.create(
        service,
        models,
        score=score or project / _SCORE,
        schema=schema or models[0].place / manifest.SCHEMA,
        requirements=requirements,
        dependencies=dependencies,
        unpickle=unpickle,
        root=root,
    )
