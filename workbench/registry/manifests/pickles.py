"""Tells pickles from other files, by name and by content. Loads none: a pickle is a program.

Standard library alone, since `pulumi preview` imports what reads manifests.
"""

from collections.abc import Sequence
from pathlib import Path

from workbench.core.canonical import plain_files
from workbench.core.errors import ManifestError
from workbench.registry.models.registry import ModelVersion

_SUFFIXES = frozenset({".pkl", ".pickle", ".joblib", ".dill", ".cloudpickle"})
_PROTOCOLS = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))


def check(models: Sequence[ModelVersion], trusted: Sequence[str], copies: Path) -> None:
    """Raise ManifestError for a model that holds a pickle and is not `trusted`, and for trust in a model not there.

    Looked at are the copies of the models' files that were found intact, in a folder each.
    """
    names = {model.name for model in models}
    if strangers := sorted(set(trusted) - names):
        held = ", ".join(sorted(names)) or "none"
        raise ManifestError(f"--unpickle {strangers[0]}: this manifest has no such model; it holds {held}")
    for model in models:
        found = [path for path in plain_files(copies / model.name) if is_pickle(path)]
        if found and model.name not in trusted:
            raise ManifestError(
                f"model {model.label}: {found[0].name} is a pickle, which runs code when it is loaded; save the model"
                f" as ONNX or with skops, or add --unpickle {model.name} if your own team made that file"
            )


def is_pickle(path: Path) -> bool:
    """Whether the file's name or its first bytes say so."""
    if path.suffix.lower() in _SUFFIXES:
        return True
    with path.open("rb") as file:
        return file.read(2) in _PROTOCOLS
