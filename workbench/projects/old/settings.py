"""aml_config/*.compute, *.runconfig and spark_dependencies.yml of an old project, as this workbench takes them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.experiments.configurations.settings_file import ConfigurationError, Located, keys_of
from workbench.experiments.runs.submission import is_secret
from workbench.projects.old import KEPT, LEFT_OUT, NEEDS_YOU, TRANSLATED, Remark, Translation

_TYPES = {"remote": "remotedocker", "cluster": "docker"}
_CONTAINER = ("baseDockerImage", "sharedVolumes", "nativeSharedDirectory", "nvidiaDocker", "pythonLocation")
_COMPUTE = {
    "local": ("pythonLocation", "userManagedEnvironment", "nativeSharedDirectory", "sharedVolumes"),
    "docker": (*_CONTAINER, "userManagedEnvironment"),
    "remotedocker": (*_CONTAINER, "userManagedEnvironment", "address", "username"),
}
_RUN = (
    "ArgumentVector", "Target", "EnvironmentVariables", "Framework", "CondaDependenciesFile", "SparkDependenciesFile",
    "PrepareEnvironment", "TrackedRun", "DataSourceSubstitutions",
)  # fmt: skip


def compute(path: Path, name: str) -> Translation:
    """A compute: known keys stay, passwords never, images that no registry has any more give way to this project's."""
    keys, remarks = _read(path, name)
    if keys is None:
        return Translation(None, remarks)
    old = str(_plain(keys, "type") or "docker")
    kind = _TYPES.get(old, old)
    if kind not in _COMPUTE:
        why = "runs execute on local, docker or remotedocker"
        return Translation(
            None, [Remark(name, 1, f"type: {old}", NEEDS_YOU, why, "write a compute of one of these types")]
        )
    if kind != old:
        remarks.append(Remark(name, keys["type"].line, f"type: {old}", TRANSLATED, f"is {kind} here"))
    found: dict[str, Any] = {"type": kind}
    for key, each in keys.items():
        if key == "type":
            continue
        remark = _compute_key(name, key, each, kind)
        remarks += [remark] if remark else []
        if (remark is None or remark.verdict == KEPT) and each.value is not None:
            found[key] = each.plain()
    return Translation(_dump(found), remarks)


def _compute_key(name: str, key: str, each: Located, kind: str) -> Remark | None:  # noqa: PLR0911 - a rule each
    """None for a key that stays as it is."""
    shown, value = f"{key}: {each.plain()}", each.plain()
    if key == "password":
        todo = "run ssh-copy-id once for the address; change the password, it stood in a file" if value else ""
        return Remark(
            name, each.line, "password: ***", LEFT_OUT, "secrets have no place in files and are not copied", todo
        )
    if key not in _COMPUTE[kind]:
        return Remark(name, each.line, key if is_secret(key) else shown, LEFT_OUT, f"has no meaning for type {kind}")
    if key == "baseDockerImage" and str(value).lower().startswith("microsoft/"):
        why = "is no longer published; this project's own image is used"
        return Remark(name, each.line, shown, LEFT_OUT, why, "name what the script imports in conda_dependencies.yml")
    if key == "baseDockerImage":
        return Remark(name, each.line, shown, KEPT, "must be on the engine; nothing is pulled", f"docker pull {value}")
    if key == "nativeSharedDirectory" and not str(value).startswith("/"):
        return Remark(name, each.line, shown, LEFT_OUT, "is no absolute path", "write one of the engine's machine")
    if key == "nvidiaDocker" and value:
        return Remark(name, each.line, shown, KEPT, "asks the engine for its GPUs", "install its GPU runtime there")
    return None


def runconfig(path: Path, name: str, *, spark: bool) -> Translation:
    """A run configuration; `spark` tells whether any script of the project imports Spark."""
    keys, remarks = _read(path, name)
    if keys is None:
        return Translation(None, remarks)
    found: dict[str, Any] = {}
    for key, each in keys.items():
        value = each.plain()
        if key not in _RUN:
            why = {
                "DataSourceSettings": "samples of .dprep packages do not exist here",
                "UseSampling": "there is no sampling of data sources here",
            }.get(key, "is no key of a run configuration")
            todo = "pass the data as an argument: submit … SCRIPT --data FILE" if key.startswith("DataSource") else ""
            remarks.append(Remark(name, each.line, key, LEFT_OUT, why, todo))
        elif key == "EnvironmentVariables" and isinstance(value, dict):
            found[key] = {}
            for variable, content in each.value.items():
                if is_secret(variable):
                    todo = "set it where the run is submitted, or let the script read a file"
                    remarks.append(
                        Remark(name, content.line, f"{variable}: ***", LEFT_OUT, "looks like a secret", todo)
                    )
                else:
                    found[key][variable] = str(content.plain())
        elif key == "Framework" and value == "PySpark" and not spark:
            found[key] = "Python"
            remarks.append(Remark(name, each.line, "Framework: PySpark", TRANSLATED, "no script imports Spark: Python"))
        elif value is not None:
            found[key] = value
    return Translation(_dump(found), remarks)


def spark(path: Path, name: str) -> Translation:
    """Settings of Spark stay; packages of Maven and their repositories don't."""
    keys, remarks = _read(path, name)
    if keys is None:
        return Translation(None, remarks)
    settings = _plain(keys, "configuration") or {}
    for key, each in keys.items():
        listed = each.value if isinstance(each.value, list) else []
        if key == "packages":
            todo = 'put its jar into the project and name it under configuration: "spark.jars"'
            remarks += [
                Remark(name, one.line, _coordinates(one.plain()), LEFT_OUT, "comes from Maven", todo) for one in listed
            ]
        elif key == "repositories":
            remarks += [
                Remark(name, one.line, str(one.plain()), LEFT_OUT, "runs reach no repository of Maven")
                for one in listed
            ]
        elif key != "configuration":
            remarks.append(Remark(name, each.line, key, LEFT_OUT, "is no key of this file"))
    return Translation(_dump({"configuration": {str(key): str(value) for key, value in settings.items()}}), remarks)


def _coordinates(package: object) -> str:
    return ":".join(map(str, package.values())) if isinstance(package, Mapping) else str(package)


def _read(path: Path, name: str) -> tuple[dict[str, Located] | None, list[Remark]]:
    try:
        return keys_of(path, ""), []
    except ConfigurationError as error:
        why = str(error).removeprefix(f"{path}: ")
        return None, [Remark(name, 1, "the file", NEEDS_YOU, why, "mend it and import again")]


def _plain(keys: dict[str, Located], key: str) -> Any:  # noqa: ANN401 - any YAML value
    return keys[key].plain() if key in keys else None


def _dump(value: Mapping[str, Any]) -> str:
    import yaml  # as everywhere, only where it is needed

    return yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True)
