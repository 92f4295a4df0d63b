"""From model versions to a manifest whose wheels are at hand. Owns the order of steps, none of them itself."""

from collections.abc import Callable, Sequence
from pathlib import Path

from model import home, manifest, wheels
from model.errors import ManifestError
from model.registry import ModelVersion
from model.requirements import lock

_SCORE = Path("scoring", "score.py")
_REQUIREMENTS = Path("requirements", "scoring.txt")


def assemble(
    service: str,
    models: Sequence[ModelVersion],
    say: Callable[[str], None],
    *,
    score: Path | None = None,
    schema: Path | None = None,
    own: Path | None = None,
    unpickle: Sequence[str] = (),
    root: Path | None = None,
) -> manifest.Manifest:
    """A manifest of these models, with the project's score script and runtime and the first model's schema by default.

    `own` names what the score script needs beside the server, `unpickle` the models whose pickles it may load.

    The wheels come first: a manifest that stands in the registry can always be built. Raises ManifestError,
    RegistryError or WheelsError.
    """
    project = home.project()
    server = project / _REQUIREMENTS
    if not server.is_file():
        raise ManifestError(f"{server}: is missing, it pins what the server imports; run: make lock")
    if not (schema or models):
        raise ManifestError("a manifest without a model has no schema of its own; give -s service_schema.json")
    requirements = lock(own, server, manifest.PYTHON, say, root) if own else server
    wheels.fetch(requirements, manifest.PYTHON, say, root)
    return manifest.create(
        service,
        models,
        score=score or project / _SCORE,
        schema=schema or models[0].folder / "files" / manifest.SCHEMA,
        requirements=requirements,
        unpickle=unpickle,
        root=root,
    )
