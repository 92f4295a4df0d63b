"""conda_dependencies.yml as requirements of PyPI: what each line becomes, and a word on each that can't be had."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from workbench.experiments.configurations import settings_file
from workbench.experiments.configurations.conda_names import LEFT_OUT, NATIVE, RENAMED, RETIRED
from workbench.experiments.configurations.conda_versions import specifier
from workbench.experiments.configurations.settings_file import LIST, TEXT, ConfigurationError, Located
from workbench.registry.manifests import requirement_lines

_KEYS = {"name": TEXT, "channels": LIST, "dependencies": LIST, "prefix": TEXT}
_SPEC = re.compile(r"(?:[A-Za-z0-9_./:-]+::)?([A-Za-z0-9_][A-Za-z0-9_.-]*) *(.*)")
_MISSING = "write one with the lines dependencies: and - python=3.11, or name another as CondaDependenciesFile"


@dataclass
class Translation:
    """Requirement lines for PyPI, the versions asked of Python, and what people should know, a line each."""

    requirements: list[str] = field(default_factory=list)
    python: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read(path: Path, python: str) -> Translation:
    """What a conda file asks for, when runs have Python `python` such as "3.11".

    Raises ConfigurationError that names, by line, all that can't be had.
    """
    settings = settings_file.read(path, _KEYS, _MISSING)
    found, refused = Translation(), []
    for item in settings.keys["dependencies"].value if "dependencies" in settings.keys else []:
        refused += take(item, found, python)
    if refused:
        raise ConfigurationError(f"{path}: {requirement_lines.together(refused)}")
    return found


def take(item: Located, found: Translation, python: str) -> list[str]:
    """Add one entry of `dependencies`; what is refused, as half sentences."""
    if isinstance(item.value, str):
        reason = _conda(item, found, python)
        return [_told(item, reason)] if reason else []
    if not isinstance(item.value, dict) or set(item.value) != {"pip"} or not isinstance(item.value["pip"].value, list):
        return [f"line {item.line}: takes a package such as numpy=2, or pip: with a list"]
    reasons = [(each, _pip(each, found)) for each in item.value["pip"].value]
    return [_told(each, reason) for each, reason in reasons if reason]


def _told(item: Located, reason: str) -> str:
    return f"line {item.line}: {requirement_lines.shown(item.plain())} {reason}"


def _pip(item: Located, found: Translation) -> str | None:
    return _add(item.value, item.line, found) if isinstance(item.value, str) else "is no requirement"


def _conda(item: Located, found: Translation, python: str) -> str | None:  # noqa: PLR0911 - a reason each
    """Add one conda specification; why not, where it can't be."""
    form = _SPEC.fullmatch(item.value.strip(" "))
    if not form or not item.value.isprintable():
        return "is no package and version"
    name, version = form.group(1).lower(), form.group(2)
    if NATIVE.fullmatch(name):
        return "is not a Python package: no index has it; build it into an image of your own, named as baseDockerImage"
    if LEFT_OUT.fullmatch(name):
        if name not in ("pip", "conda"):
            found.remarks.append(f"line {item.line}: {item.value} is left out: wheels bring their own")
        return None
    try:
        asked, build = specifier(name, version)
    except ValueError as error:
        return str(error)
    if name == "python":
        return _python(asked, found, python)
    if reason := _add(f"{RENAMED.get(name, name)}{asked}", item.line, found):
        return reason
    if name in RENAMED:
        found.remarks.append(f"line {item.line}: {name} is {RENAMED[name]} on PyPI")
    if build:
        found.remarks.append(f"line {item.line}: the build in {item.value} is conda's own and left out")
    return None


def _add(text: str, line: int, found: Translation) -> str | None:
    """Add one requirement as PyPI writes it; why not, where it is none."""
    try:
        requirement = requirement_lines.parse(text)
    except ValueError as error:
        return str(error)
    if RETIRED.match(requirement.name):
        found.remarks.append(f"line {line}: {requirement.text} is left out: retired; every run has azureml.logging")
    else:
        found.requirements.append(str(requirement))
    return None


def _python(asked: str, found: Translation, python: str) -> str | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        versions = SpecifierSet(asked)
    except InvalidSpecifier:
        return "has a version that can't be read; write python=" + python
    # The patch level is that of the image's Debian.
    if not any(versions.contains(f"{python}.{patch}") for patch in range(40)):
        return f"can't be had: runs have Python {python}; write python={python}"
    found.python.append(asked)
    return None
