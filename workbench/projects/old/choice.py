"""Which scripts of an old project train, serve, and describe the service. Decides from facts alone."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from workbench.projects.old.codemods.paths import MODEL_SUFFIXES
from workbench.projects.old.script_facts import ScriptFacts

PICKLES = (".pkl", ".pickle", ".joblib", ".sav")
_TRAINING = re.compile(r"train|model|fit", re.IGNORECASE)
_OTHER = re.compile(r"(^|/)(test|plot|explor|eval|deploy|setup)", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """The project's scripts by what they are for; "" where there is none. `outputs` are the model's files in a run.

    `schema` is the script that writes service_schema.json. `why` says what is wrong with the training script.
    """

    training: str = ""
    score: str = ""
    schema: str = ""
    outputs: tuple[str, ...] = ()
    why: str = ""

    @property
    def is_pickle(self) -> bool:
        """Whether the model is a pickle, by its name."""
        return any(output.lower().endswith(PICKLES) for output in self.outputs)


def choose(facts: Mapping[str, ScriptFacts], *, has_schema: bool) -> Choice:
    """The scripts that this project goes by, those that can run here before those that can't."""
    scores = [fact for fact in facts.values() if fact.is_score and not fact.why]
    score = min(
        scores, key=lambda each: (not each.name.endswith("score.py"), _depth(each.name), each.name), default=None
    )
    wanted = {PurePosixPath(path).name for path in score.reads} if score else set()
    able = [fact for fact in facts.values() if (fact.trains or _models(fact)) and not fact.is_score]
    chosen = min(able, key=lambda each: _rank(each, wanted), default=None)
    writers = [fact for fact in facts.values() if fact.schema and not fact.why]
    schema = min(writers, key=lambda each: (each is not chosen, not each.is_score, each.name), default=None)
    outputs = _outputs(chosen, wanted) if chosen else ()
    if chosen and schema is chosen:
        outputs = (*outputs, chosen.schema)
    return Choice(
        training=chosen.name if chosen else "",
        score=score.name if score else "",
        schema=schema.name if schema and schema is not chosen and not has_schema else "",
        outputs=outputs,
        why=_why(chosen, outputs),
    )


def beside(score: ScriptFacts | None, facts: Mapping[str, ScriptFacts], files: Collection[str]) -> list[str]:
    """Files and folders that lie beside the score script in its image: modules it imports, data that it reads."""
    if score is None:
        return []
    found: list[str] = []
    waiting, seen = [score], {score.name}
    while waiting:
        current = waiting.pop()
        folder = PurePosixPath(score.name).parent
        for module in sorted(current.imports):
            for name in module_files(module, folder.as_posix(), files):
                found.append(
                    name
                    if "/" not in _below(name, folder)
                    else (folder / _below(name, folder).split("/")[0]).as_posix()
                )
                if name in facts and name not in seen:
                    seen.add(name)
                    waiting.append(facts[name])
    found += [path.split("/")[0] for path in score.reads if path in files and not path.lower().endswith(MODEL_SUFFIXES)]
    return [path for path in dict.fromkeys(found) if path != score.name]


def module_files(module: str, folder: str, files: Collection[str]) -> list[str]:
    """The project's own files that an import of `module` from a script in `folder` reads."""
    path = module.replace(".", "/")
    start = "" if folder == "." else f"{folder}/"
    parts = path.split("/")
    inits = [f"{'/'.join(parts[:end])}/__init__.py" for end in range(1, len(parts) + 1)]
    wanted = [f"{path}.py", *inits, f"{'/'.join(parts[:-1])}.py"]
    names = [f"{base}{each}" for base in dict.fromkeys((start, "")) for each in wanted]
    return [name for name in names if name in files]


def is_local(module: str, folder: str, files: Collection[str]) -> bool:
    """Whether a script in `folder` has a module of this first name beside it."""
    bases = {"" if folder == "." else f"{folder}/", ""}
    first = module.split(".", maxsplit=1)[0]
    return any(f"{base}{first}.py" in files or any(file.startswith(f"{base}{first}/") and file.endswith(".py")
                                                   for file in files) for base in bases)  # fmt: skip


def _rank(each: ScriptFacts, wanted: Collection[str]) -> tuple[object, ...]:
    models = _models(each)
    return (
        bool(each.why or each.missing),
        each.uses_spark,
        bool(_OTHER.search(each.name)),
        not any(PurePosixPath(path).name in wanted for path in models),
        not models,
        not _TRAINING.search(each.name),
        _depth(each.name),
        each.name,
    )


def _models(each: ScriptFacts) -> list[str]:
    return [path for path in each.writes if path.lower().endswith(MODEL_SUFFIXES)]


def _outputs(chosen: ScriptFacts, wanted: Collection[str]) -> tuple[str, ...]:
    read = [path for path in chosen.writes if PurePosixPath(path).name in wanted]
    return _by_name(read) or _by_name(_models(chosen)[:1])


def _by_name(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple({PurePosixPath(path).name: path for path in paths}.values())


def _why(chosen: ScriptFacts | None, outputs: tuple[str, ...]) -> str:
    if chosen is None:
        return "no script trains a model"
    if chosen.why:
        return f"{chosen.name} {chosen.why}"
    if chosen.missing:
        return f"{chosen.name} imports {', '.join(chosen.missing)}, which is gone, and no other script trains"
    return "" if outputs else f"{chosen.name} writes no model"


def _depth(name: str) -> int:
    return name.count("/")


def _below(name: str, folder: PurePosixPath) -> str:
    return name if folder.as_posix() == "." else name.removeprefix(f"{folder.as_posix()}/")
