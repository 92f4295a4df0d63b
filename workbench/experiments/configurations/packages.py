"""The Python packages of a run, locked by hash and fetched: what its conda and Spark files ask for.

Owns the way from those files to folders of wheels; translating and resolving are others' business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.core.canonical import canonical_json, digest, sha256_file
from workbench.core.errors import WheelsError
from workbench.experiments.configurations import conda, spark
from workbench.experiments.configurations.run_configuration import RunConfiguration
from workbench.experiments.configurations.settings_file import ConfigurationError
from workbench.registry.manifests import requirement_lines, requirements, wheels
from workbench.registry.manifests.manifest import PYTHON
from workbench.registry.manifests.requirement_lines import RequirementLine

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
    wanted = _with_spark(configuration, [requirement_lines.parse(line) for line in asked.requirements], path)
    folders = [spark.wheel(say)] if configuration.framework == "PySpark" else []
    if wanted:
        folders.append(wheels.fetch(_lock(path, wanted, say, root), PYTHON, say, root))
    locks = [sha256_file(folder / wheels.REQUIREMENTS) for folder in folders]
    return Packages(tuple(folders), digest(canonical_json({"python": PYTHON, "locks": locks})))


def _with_spark(
    configuration: RunConfiguration, lines: Sequence[RequirementLine], path: Path
) -> Sequence[RequirementLine]:
    """The requirements with pyspark's own in its place, as its wheel comes another way."""
    spark_lines = [line for line in lines if line.name == "pyspark"]
    if configuration.framework != "PySpark":
        if spark_lines:
            where = f"{path}: {spark_lines[0]}"
            raise ConfigurationError(f'{where}: write Framework: "PySpark" in {configuration.name}.runconfig')
        return lines
    if wrong := [line for line in spark_lines if not line.allows(spark.VERSION)]:
        raise ConfigurationError(f"{path}: {wrong[0]}: runs have pyspark {spark.VERSION}; write that version, or none")
    return [*(line for line in lines if line.name != "pyspark"), requirement_lines.parse(spark.PY4J)]


def _lock(path: Path, wanted: Sequence[RequirementLine], say: Say, root: Path | None) -> Path:
    try:
        return requirements.lock(sorted(wanted, key=str), path, None, PYTHON, say, root)
    except WheelsError as error:
        reason = str(error).removeprefix(f"{path}: ").removesuffix("; change it and try again")
        raise ConfigurationError(
            f"{path}: {reason}; a package must have wheels on the index: choose another version, or leave it out"
        ) from error
