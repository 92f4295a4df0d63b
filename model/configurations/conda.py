"""conda_dependencies.yml as requirements of PyPI: what each line becomes, and a word on each that can't be had."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model.configurations import settings_file
from model.configurations.conda_names import LEFT_OUT, NATIVE, RENAMED, RETIRED
from model.configurations.settings_file import LIST, TEXT, ConfigurationError, Located

_KEYS = {"name": TEXT, "channels": LIST, "dependencies": LIST, "prefix": TEXT}
_SPEC = re.compile(r"(?:[\w./:-]+::)?([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(.*)")
_PLAIN = re.compile(r"[\w.*+!-]+")
_RANGE = re.compile(r"(?:(?:>=|<=|!=|==|~=|>|<)\s*[\w.*+!-]+\s*,?\s*)+")
_PIP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\s*(\[[\w.,\s-]+\])?\s*([<>=!~][^@]*)?(;.*)?")
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
        more = f" (and {len(refused) - 3} more)" if len(refused) > 3 else ""  # noqa: PLR2004 - what one line bears
        raise ConfigurationError(f"{path}: {'; '.join(refused[:3])}{more}")
    return found


def take(item: Located, found: Translation, python: str) -> list[str]:
    """Add one entry of `dependencies`; what is refused, as half sentences."""
    if isinstance(item.value, str):
        reason = _conda(item, found, python)
        return [f"line {item.line}: {item.value!r} {reason}"] if reason else []
    if not isinstance(item.value, dict) or set(item.value) != {"pip"} or not isinstance(item.value["pip"].value, list):
        return [f"line {item.line}: takes a package such as numpy=2, or pip: with a list"]
    reasons = [(each, _pip(each, found)) for each in item.value["pip"].value]
    return [f"line {each.line}: {_shown(each)} {reason}" for each, reason in reasons if reason]


def _shown(item: Located) -> str:
    """What stands there, without the credentials of an address."""
    return re.sub(r"://[^@/\s]*@", "://***@", repr(item.plain()))


def _pip(item: Located, found: Translation) -> str | None:
    text = item.value
    if not isinstance(text, str) or not text.strip():
        return "is no requirement"
    if text.startswith("-"):
        return "is an option of pip's: name packages here, and indexes in pip's own configuration"
    if not _PIP.fullmatch(text.strip()):
        return "is no package of an index (name, version): only those can be locked by hash"
    _add(text.strip(), item.line, found)
    return None


def _conda(item: Located, found: Translation, python: str) -> str | None:
    """Add one conda specification; why not, where it can't be."""
    form = _SPEC.fullmatch(item.value.strip())
    if not form:
        return "is no package and version"
    name, version = form.group(1).lower(), form.group(2).strip()
    if NATIVE.fullmatch(name):
        return "is not a Python package: no index has it; build it into an image of your own, named as baseDockerImage"
    if LEFT_OUT.fullmatch(name):
        if name not in ("pip", "conda"):
            found.remarks.append(f"line {item.line}: {item.value} is left out: wheels bring their own")
        return None
    specifier = _specifier(version)
    if specifier is None:
        return "has a version that PyPI does not know how to read; write name=1.2, name==1.2.3 or name>=1.2,<2"
    if name == "python":
        return _python(specifier, found, python)
    if (known := RENAMED.get(name)) and known != name:
        found.remarks.append(f"line {item.line}: {name} is {known} on PyPI")
    if version.count("=") > 1 and not version.startswith("=="):
        found.remarks.append(f"line {item.line}: the build in {item.value} is conda's own and left out")
    _add(f"{known or name}{specifier}", item.line, found)
    return None


def _add(requirement: str, line: int, found: Translation) -> None:
    if RETIRED.match(requirement.lower()):
        found.remarks.append(f"line {line}: {requirement} is left out: retired; every run has azureml.logging")
    else:
        found.requirements.append(requirement)


def _specifier(version: str) -> str | None:
    """PyPI's form of conda's version, None for one that has none."""
    if not version:
        return ""
    if version.startswith("=") and not version.startswith("=="):
        number, _, build = version[1:].strip().partition("=")
        if not _PLAIN.fullmatch(number):
            return None
        return f"=={number}" if build or number.endswith("*") else f"=={number}.*"
    if _RANGE.fullmatch(version):
        # conda reads >=1.2.* as >=1.2.
        return re.sub(r"([<>]=?)([^,]*?)\.\*", r"\1\2", re.sub(r"\s", "", version)).rstrip(",")
    return f"=={version}" if _PLAIN.fullmatch(version) else None


def _python(specifier: str, found: Translation, python: str) -> str | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        asked = SpecifierSet(specifier)
    except InvalidSpecifier:
        return "has a version that can't be read; write python=" + python
    # The patch level is that of the image's Debian.
    if not any(asked.contains(f"{python}.{patch}") for patch in range(40)):
        return f"can't be had: runs have Python {python}; write python={python}"
    found.python.append(specifier)
    return None


def names(requirements: Sequence[str]) -> dict[str, str]:
    """Requirement lines by normal name."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9_.-]", line)[0]).lower(): line for line in requirements}
