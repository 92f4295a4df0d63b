"""From what an old project's files name and its scripts import to the requirements of the new one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from workbench.projects.old import NEEDS_YOU, Remark, choice, conda, environment, script_facts, tree
from workbench.projects.old.environment import Lock, Locked
from workbench.projects.old.script_facts import ScriptFacts
from workbench.registry.manifests.requirement_lines import parse

CONDA = "aml_config/conda_dependencies.yml"
_PIP = "requirements.txt"


@dataclass(frozen=True)
class Index:
    """What the user's index is asked: for a wheel, and for versions that go together."""

    has_wheel: conda.HasWheel = conda.has_wheel
    lock: Lock = environment.lock


@dataclass(frozen=True)
class Packages:
    """The conda file, the requirements of the service, and what .venv gets beside the workbench's own, as files."""

    conda: str
    served: str
    beyond: str
    configuration: str


def is_conda(path: str, source: Path) -> bool:
    """Whether a file names packages for conda."""
    if source.suffix not in (".yml", ".yaml"):
        return False
    text, _ = tree.text(source)
    return path == CONDA or bool(re.search(r"^dependencies:", text or "", re.MULTILINE))


def gather(
    old: tree.Tree, files: Mapping[str, bytes | Path], remarks: list[Remark], chosen: choice.Choice, index: Index
) -> Packages:
    """All requirements of a project, at versions that go together. `files` are those of the new project."""
    facts = _facts(files)
    wanted = environment.imported(facts, files)
    listed, locked = _listed(old, lambda _requirement: True), Locked({}, "nothing was asked")
    lines, told = _with_added(listed, wanted)
    if lines:
        locked = index.lock(lines)
        if locked.why:  # one by one, to find what can't be had
            listed = _listed(old, index.has_wheel)
            lines, told = _with_added(listed, wanted)
            locked = index.lock(lines) if lines else locked
    remarks += [*listed.remarks, *told]
    if lines and locked.why:
        todo = "runs with -c docker have them" if locked.pins else "see whether the index can be reached"
        remarks.append(Remark(CONDA, 0, "the packages", NEEDS_YOU, locked.why, todo))
    beyond = environment.beyond(locked)
    return Packages(
        conda=conda.document(environment.pinned(lines, locked)),
        served=environment.served(*_needed(chosen, facts, files), lines, locked),
        beyond=beyond,
        configuration="docker" if locked.why and locked.pins else "local",
    )


def _facts(files: Mapping[str, bytes | Path]) -> dict[str, ScriptFacts]:
    texts = {name: data.decode() for name, data in files.items() if name.endswith(".py") and isinstance(data, bytes)}
    return {name: script_facts.read(text, name) for name, text in texts.items()}


def _listed(old: tree.Tree, asks: conda.HasWheel) -> conda.Listed:
    """What the old files name: conda's first, then pip's."""
    whole = conda.Listed()
    found = [conda.read(source, path, asks) for path, source in old.files.items() if is_conda(path, source)]
    if _PIP in old.files:
        found.append(conda.read_pip(tree.text(old.files[_PIP])[0] or "", _PIP, asks))
    names: set[str] = set()
    for each in found:
        whole.remarks += each.remarks
        for line in each.lines:
            name = parse(line).name
            if name not in names:
                names.add(name)
                whole.lines.append(line)
    return whole


def _with_added(listed: conda.Listed, wanted: Mapping[str, str]) -> tuple[list[str], list[Remark]]:
    more, told = environment.added(wanted, listed.lines, CONDA)
    return [*listed.lines, *more], told


def _needed(
    chosen: choice.Choice, facts: Mapping[str, ScriptFacts], files: Mapping[str, bytes | Path]
) -> tuple[set[str], set[str]]:
    """What the service imports, and what its model was made with."""
    score = facts.get(chosen.score)
    if score is None:
        return set(), set()
    scripts = {each: facts[each] for each in (chosen.score, *_modules(score, facts, files)) if each in facts}
    trained = {chosen.training: facts[chosen.training]} if chosen.training in facts and chosen.is_pickle else {}
    return set(environment.imported(scripts, files)), set(environment.imported(trained, files))


def _modules(score: ScriptFacts, facts: Mapping[str, ScriptFacts], files: Mapping[str, bytes | Path]) -> list[str]:
    folder = PurePosixPath(score.name).parent.as_posix()
    found, waiting = [], [score]
    while waiting:
        for module in waiting.pop().imports:
            for name in choice.module_files(module, folder, files):
                if name in facts and name not in found:
                    found.append(name)
                    waiting.append(facts[name])
    return found
