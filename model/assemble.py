"""From model versions to a manifest whose wheels are at hand. Owns the order of steps, none of them itself."""

from collections.abc import Callable, Sequence
from pathlib import Path

from model import home, manifest, wheels
from model.errors import ManifestError
from model.registry import ModelVersion

_SCORE = Path("scoring", "score.py")
_REQUIREMENTS = Path("requirements", "scoring.txt")


def assemble(
    service: str,
    models: Sequence[ModelVersion],
    say: Callable[[str], None],
    *,
    score: Path | None = None,
    schema: Path | None = None,
    root: Path | None = None,
) -> manifest.Manifest:
    """A manifest of these models, with the project's score script and runtime and the first model's schema by default.

    The wheels come first: a manifest that stands in the registry can always be built. Raises ManifestError,
    RegistryError or WheelsError.
    """
    project = home.project()
    requirements = project / _REQUIREMENTS
    if not requirements.is_file():
        raise ManifestError(f"{requirements}: is missing, it pins what the server imports; run: make lock")
    wheels.fetch(requirements, manifest.PYTHON, say, root)
    return manifest.create(
        service,
        models,
        score=score or project / _SCORE,
        schema=schema or models[0].folder / "files" / manifest.SCHEMA,
        requirements=requirements,
        root=root,
    )
