"""The Python packages of a run, locked by hash and fetched: what its conda and Spark files ask for.

Owns the way from those files to folders of wheels; translating and resolving are others' business.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.canonical import canonical_json, digest, sha256_file
from model.configurations import conda, spark
from model.configurations.run_configuration import RunConfiguration
from model.configurations.settings_file import ConfigurationError
from model.errors import WheelsError
from model.manifests import requirements, wheels
from model.manifests.manifest import PYTHON

Say = Callable[[str], None]


@dataclass(frozen=True)
class Packages:
    """Folders of wheels, each with its requirements.txt, and the digest of the locks: equal digests, equal wheels."""

    folders: tuple[Path, ...]
    digest: str


def fetch(configuration: RunConfiguration, say: Say, root: Path | None = None) -> Packages:
    """Lock and fetch what a configuration names. Raises ConfigurationError or WheelsError."""
    path = configuration.conda_dependencies
    asked = conda.read(path, PYTHON)
    for remark in asked.remarks:
        say(f"{path.name}: {remark}")
    wanted = _with_spark(configuration, asked.requirements, path)
    folders = [spark.wheel(say)] if configuration.framework == "PySpark" else []
    if wanted:
        folders.append(wheels.fetch(_lock(path, wanted, say, root), PYTHON, say, root))
    locks = [sha256_file(folder / wheels.REQUIREMENTS) for folder in folders]
    return Packages(tuple(folders), digest(canonical_json({"python": PYTHON, "locks": locks})))


def _with_spark(configuration: RunConfiguration, lines: Sequence[str], path: Path) -> list[str]:
    """The requirements with pyspark's own in its place, as its wheel comes another way."""
    named = conda.names(lines)
    line = named.pop("pyspark", None)
    if configuration.framework != "PySpark":
        if line:
            raise ConfigurationError(f'{path}: {line}: write Framework: "PySpark" in {configuration.name}.runconfig')
        return list(lines)
    if line and not _allows(line, spark.VERSION):
        raise ConfigurationError(f"{path}: {line}: runs have pyspark {spark.VERSION}; write that version, or none")
    return [*named.values(), spark.PY4J]


def _allows(line: str, version: str) -> bool:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(line).specifier.contains(version)
    except InvalidRequirement:
        return False


def _lock(path: Path, wanted: Sequence[str], say: Say, root: Path | None) -> Path:
    with tempfile.TemporaryDirectory(prefix="workbench-") as scratch:
        own, nothing = Path(scratch, path.name), Path(scratch, "nothing.txt")
        own.write_text("".join(f"{line}\n" for line in sorted(wanted)), encoding="utf-8")
        nothing.touch()
        try:
            return requirements.lock(own, nothing, PYTHON, lambda _line: say(f"locking {path.name}"), root)
        except WheelsError as error:
            reason = str(error).removeprefix(f"{own}: ").removesuffix("; change it and try again")
            raise ConfigurationError(
                f"{path}: {reason}; a package must have wheels on the index: choose another version, or leave it out"
            ) from error
