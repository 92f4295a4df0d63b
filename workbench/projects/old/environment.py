"""The packages of an imported project: what its scripts import, in versions that its .venv, runs and service share."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from workbench.projects.old import NEEDS_YOU, TRANSLATED, Remark, choice
from workbench.projects.old.packages import BASE, SPARK, distribution
from workbench.projects.old.script_facts import ScriptFacts
from workbench.projects.origin import REQUIREMENTS
from workbench.registry.manifests import requirements
from workbench.registry.manifests.manifest import PYTHON
from workbench.registry.manifests.requirement_lines import parse

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)((?:\s*\\\n\s+--hash=sha256:[0-9a-f]{64})+)", re.MULTILINE)
_PLOTS = {"matplotlib", "seaborn", "plotly", "bokeh", "ipywidgets"}
_IN_THE_SERVER = {"numpy", "onnxruntime"}


@dataclass(frozen=True)
class Locked:
    """What the index answered: pins by normal name, with hashes. `why` says what is wrong, empty where all fits."""

    pins: Mapping[str, str]
    why: str = ""


Lock = Callable[[Sequence[str]], Locked]


def lock(lines: Sequence[str]) -> Locked:
    """Versions of these requirements that go with the workbench's own, else such as go without."""
    text = "".join(f"{line}\n" for line in lines)
    options = ["--no-annotate", "--generate-hashes", "--no-emit-index-url"]
    done = requirements.resolve(text, PYTHON, *options, "--constraint", str(REQUIREMENTS.resolve()))
    if done.returncode == 0:
        return Locked(pins(done.stdout))
    alone = requirements.resolve(text, PYTHON, *options)
    said = " ".join(alone.stderr.split())
    if alone.returncode:
        return Locked({}, f"the index gives no versions ({said[:200] or 'uv failed'})")
    return Locked(pins(alone.stdout), "can't be had together with the workbench's own packages")


def pins(text: str) -> dict[str, str]:
    """The pins of a lock by normal name, each with its hashes."""
    return {parse(found[1]).name: found[0] for found in _PIN.finditer(text)}


def imported(facts: Mapping[str, ScriptFacts], files: Iterable[str]) -> dict[str, str]:
    """Import names of packages that scripts import, each with the first script that does."""
    known = frozenset(files)
    found: dict[str, str] = {}
    for fact in facts.values():
        folder = PurePosixPath(fact.name).parent.as_posix()
        for module in sorted(fact.imports):
            first = module.split(".")[0]
            if first in sys.stdlib_module_names or first in ("azureml", "workbench", *SPARK):
                continue
            if not choice.is_local(first, folder, known):
                found.setdefault(first, fact.name)
    return found


def added(wanted: Mapping[str, str], lines: Sequence[str], conda: str) -> tuple[list[str], list[Remark]]:
    """Requirements for imports that no line brings: what the old base had. No name of a stranger is guessed."""
    had = {parse(line).name for line in lines}
    found: list[str] = []
    remarks: list[Remark] = []
    for module, script in wanted.items():
        name = distribution(module)
        if parse(name).name in had:
            continue
        if module not in BASE:
            todo = f"name the package of PyPI that brings it in {conda}, and in score_requirements.txt if it is served"
            remarks.append(
                Remark(script, 0, f"import {module}", NEEDS_YOU, "no line of the conda file brings it", todo)
            )
            continue
        had.add(parse(name).name)
        found.append(name)
        why = f"{script} imports {module}, which only the old base image brought"
        remarks.append(Remark(conda, 0, name, TRANSLATED, f"added: {why}"))
    return found, remarks


def served(score: Iterable[str], training: Iterable[str], lines: Sequence[str], locked: Locked) -> str:
    """Requirements of the service: what the score script imports, and what made the model that it loads.

    Of these such as `lines` name: a package that nobody named is no requirement.
    """
    known = {parse(line).name for line in lines}
    modules = {*score, *(each for each in training if each not in _PLOTS)} - _IN_THE_SERVER
    names = sorted({parse(distribution(module)).name for module in modules} & known)
    return "".join(f"{_pinned(name, locked)}\n" for name in names)


def pinned(lines: Sequence[str], locked: Locked) -> list[str]:
    """Requirements at the versions of the lock."""
    return list(dict.fromkeys(_pinned(line, locked) for line in lines))


def beyond(locked: Locked) -> str:
    """The part of a lock that the workbench's own does not have: what .venv gets besides."""
    own = pins(REQUIREMENTS.read_text(encoding="utf-8"))
    more = [pin for name, pin in locked.pins.items() if name not in own]
    return "" if locked.why else "".join(f"{pin}\n" for pin in more)


def _pinned(line: str, locked: Locked) -> str:
    requirement = parse(line)
    pin = locked.pins.get(requirement.name)
    if pin is None:
        return requirement.text
    version = pin.split("\\")[0].split("==")[1].strip()
    extras = re.search(r"\[[^\]]*\]", requirement.text)
    return f"{requirement.name}{extras[0] if extras else ''}=={version}"
