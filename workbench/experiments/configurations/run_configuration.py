"""What `aml_config/NAME.runconfig` says: which script arguments, where, with what. Knows no target's ways."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from workbench.core import grammars, home
from workbench.core.errors import ParameterError
from workbench.core.spelling import did_you_mean
from workbench.experiments.configurations import settings_file
from workbench.experiments.configurations.settings_file import ANY_MAPPING, FLAG, MAPPING, TEXT, TEXTS, Settings

FOLDER = "aml_config"
SCRIPT = "$file"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_KEYS = {
    "ArgumentVector": TEXTS,
    "Target": TEXT,
    "EnvironmentVariables": MAPPING,
    "Framework": settings_file.one_of("Python", "PySpark"),
    "CondaDependenciesFile": TEXT,
    "SparkDependenciesFile": TEXT,
    "PrepareEnvironment": FLAG,
    "TrackedRun": FLAG,
    "UseSampling": FLAG,
    "DataSourceSettings": ANY_MAPPING,
    "DataSourceSubstitutions": MAPPING,
}


@dataclass(frozen=True, kw_only=True)
class RunConfiguration:
    """One file, typed. `arguments` holds `$file` where the script goes; paths are absolute.

    `data` names files whose digests a run records; `substitutions` are arguments and what is given instead.
    """

    name: str
    target: str
    conda_dependencies: Path
    spark_dependencies: Path
    arguments: tuple[str, ...] = (SCRIPT,)
    environment: Mapping[str, str] = field(default_factory=dict)
    framework: Literal["Python", "PySpark"] = "Python"
    prepare: bool = True
    tracked: bool = True
    data: Mapping[str, Path] = field(default_factory=dict)
    substitutions: Mapping[str, str] = field(default_factory=dict)


def project() -> Path:
    """The nearest folder, from the working directory up, that holds aml_config/. Raises ParameterError."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return folder
    raise ParameterError(f"{here}: no {FOLDER}/ here or above it; go to a project, or run: workbench project new NAME")


def project_name(folder: Path) -> str:
    """The project's name in its Pulumi.yaml, else its folder's, in letters that run ids take."""
    if folder == home.project():
        return home.project_name()
    return re.sub(r"[^A-Za-z0-9_-]+", "-", folder.name).strip("-_") or "project"


def load(folder: Path, name: str) -> RunConfiguration:
    """The run configuration of a project. Raises ConfigurationError, or ParameterError for a name that can't be."""
    path = file(folder, name, "runconfig")
    missing = f'{_others(path, name)}write one with a line such as Target: "docker"'
    settings = settings_file.read(path, _KEYS, missing)
    if "Target" not in settings.keys:
        raise settings.error("Target", f'is missing; name a file {FOLDER}/NAME.compute, such as Target: "docker"')
    return RunConfiguration(
        name=name,
        target=settings.get("Target"),
        arguments=_arguments(settings),
        environment=_environment(settings),
        framework=settings.get("Framework", "Python"),
        conda_dependencies=folder / settings.get("CondaDependenciesFile", f"{FOLDER}/conda_dependencies.yml"),
        spark_dependencies=folder / settings.get("SparkDependenciesFile", f"{FOLDER}/spark_dependencies.yml"),
        prepare=settings.get("PrepareEnvironment", True),
        tracked=settings.get("TrackedRun", True),
        data=_data(settings, folder),
        substitutions=settings.get("DataSourceSubstitutions", {}),
    )


def file(folder: Path, name: str, ending: str) -> Path:
    """Where `NAME.runconfig` or `NAME.compute` of a project lies. Raises ParameterError for a name that can't be."""
    if not _NAME.fullmatch(name):
        raise ParameterError(f"run configuration {name!r}: a name has letters, digits, '-' and '_', such as docker")
    return folder / FOLDER / f"{name}.{ending}"


def _others(path: Path, name: str) -> str:
    """What else there is, as the beginning of a sentence."""
    known = sorted(each.stem for each in path.parent.glob("*.runconfig"))
    if hint := did_you_mean(name, known):
        return f"{hint} or "
    return f"there is {', '.join(known)}; or " if known else ""


def _arguments(settings: Settings) -> tuple[str, ...]:
    arguments: list[str] = settings.get("ArgumentVector", [SCRIPT])
    if arguments.count(SCRIPT) != 1 or arguments[0] != SCRIPT:
        raise settings.error("ArgumentVector", f'begins with "{SCRIPT}", the script, and names it once')
    if not all(map(grammars.is_argument, arguments)):
        raise settings.error("ArgumentVector", "holds a NUL or half a character, which no program can be given")
    return tuple(arguments)


def _environment(settings: Settings) -> dict[str, str]:
    variables = cast("dict[str, str]", settings.get("EnvironmentVariables", {}))
    for name, value in variables.items():
        if not grammars.VARIABLE.fits(name) or not grammars.is_line(value):
            raise settings.error(
                "EnvironmentVariables", f"{name!r}: names have letters, digits and '_', values are one line each"
            )
    return variables


def _data(settings: Settings, folder: Path) -> dict[str, Path]:
    """Files by name. The Workbench kept sampling here, which does not exist without its data preparation."""
    found: dict[str, Path] = {}
    for name, value in settings.get("DataSourceSettings", {}).items():
        path = folder / value if isinstance(value, str) else None
        if path is None or not path.is_file():
            raise settings.error("DataSourceSettings", f"{name!r} is {value!r}, not the path of a file in the project")
        found[str(name)] = path
    return found
