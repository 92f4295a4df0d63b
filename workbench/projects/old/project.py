"""A whole old project: each file by its kind, as the files of a new project and the remarks on them. Writes nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from workbench.projects.old import (  # fmt: skip
    LEFT_OUT,
    NEEDS_YOU,
    TRANSLATED,
    Remark,
    Translation,
    choice,
    codemods,
    packaging,
    place,
    schema,
    script_facts,
    settings,
    training,
    tree,
)
from workbench.projects.old.script_facts import ScriptFacts
from workbench.projects.template import ProjectError
from workbench.registry.manifests import pickles

CONFIGURATION = "aml_config"
_DEAD = {".dprep": "a data preparation package", ".dsource": "a data source", ".dconn": "a data connection"}
# Our packages' names; a project's own module of such a name would hide ours from runs, or ours it.
_OURS = ("workbench", "azureml")
_DATA = (".csv", ".tsv", ".json", ".xls", ".xlsx", ".txt", ".parquet")


@dataclass
class Imported:
    """Files by their path, and what became of each part. A file that stays as it is, is named by where it lies."""

    files: dict[str, bytes | Path] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    plan: training.Plan = field(default_factory=lambda: training.Plan(name="", choice=choice.Choice()))


@dataclass(frozen=True)
class _Project:
    """What is known of the old project before anything is translated; `moved` are files with another place here."""

    tree: tree.Tree
    facts: Mapping[str, ScriptFacts]
    texts: Mapping[str, str]
    moved: Mapping[str, str]
    local: dict[str, str]
    choice: choice.Choice


def read(folder: Path, name: str, index: packaging.Index | None = None) -> Imported:
    """Translate the project in `folder`, named `name` here. Raises ProjectError when it is none."""
    if not (folder / CONFIGURATION).is_dir():
        raise ProjectError(f"{folder}: has no {CONFIGURATION}/, so it is no project of the Azure ML Workbench")
    found = Imported()
    old = _known(folder, found)
    spark = any(fact.uses_spark for fact in old.facts.values())
    for path, source in old.tree.files.items():
        if made := _translated(old, source, path, spark=spark):
            found.remarks += made.remarks
            if made.text is not None:
                found.files[old.moved.get(path, path)] = made.text.encode()
        elif refused := _refused(source, path):
            found.remarks.append(refused)
        else:
            found.files[old.moved.get(path, path)] = source
            if source.suffix == ".ipynb":
                why, todo = "is a notebook: kept as a document, runs take scripts", "save it as a script if it trains"
                found.remarks.append(Remark(path, 0, "the file", NEEDS_YOU, why, todo))
    chosen = _here(old.choice, old.moved)
    packages = packaging.gather(old.tree, found.files, found.remarks, chosen, index or packaging.Index())
    _finish(found, old, packages, training.Plan(name=name, choice=chosen))
    return found


def _known(folder: Path, found: Imported) -> _Project:
    files = tree.walk(folder)
    found.remarks += files.remarks
    texts: dict[str, str] = {}
    for path, source in files.files.items():
        if path.endswith(".py"):
            text, encoding = tree.text(source)
            if text is None:
                found.remarks.append(Remark(path, 0, "the script", NEEDS_YOU, "is no text: kept as it is", "mend it"))
                continue
            texts[path] = tree.as_utf8(text)
            found.remarks += tree.recoded(path, encoding)
    facts = {path: script_facts.read(text, path) for path, text in texts.items()}
    local = {each: f"own_{each}" for each in _OURS if choice.is_local(each, ".", files.files)}
    moved = {path: _moved(path, local) for path in files.files}
    chosen = choice.choose(facts, has_schema=training.SCHEMA in files.files)
    for each in (chosen.training, chosen.score, chosen.schema):
        if each and not training.script_fits(moved[each]):
            moved[each] = _safe(moved[each])
    found.remarks += [
        Remark(path, 0, "the file", TRANSLATED, f"is {new} here: make, or a package of ours, has no such name")
        for path, new in moved.items()
        if path != new
    ]
    return _Project(files, facts, texts, moved, local, chosen)


def _translated(old: _Project, source: Path, path: str, *, spark: bool) -> Translation | None:  # noqa: PLR0911 - a rule each
    """The translation of a file that has one."""
    inside = path.startswith(f"{CONFIGURATION}/")
    if inside and source.suffix == ".compute":
        return settings.compute(source, path)
    if inside and source.suffix == ".runconfig":
        return settings.runconfig(source, path, spark=spark)
    if inside and source.name == "spark_dependencies.yml":
        return settings.spark(source, path)
    if path in old.texts:
        facts = old.facts[path]
        setting = codemods.Setting(
            served=facts.is_score,
            finds_model=facts.is_score or bool(facts.schema),
            outputs=frozenset(PurePosixPath(output).name for output in old.choice.outputs),
            files=frozenset(old.tree.files),
            local=old.local,
        )
        return codemods.rewrite(old.texts[path], path, setting)
    if source.suffix == ".json":
        text, _ = tree.text(source)
        return schema.translate(text, path) if text and '"swagger"' in text else None
    if packaging.is_conda(path, source):
        return Translation(None)
    return None


def _refused(source: Path, path: str) -> Remark | None:
    if pickles.is_pickle(source):
        todo = "train again; or copy it yourself, register it, and create the manifest with --unpickle"
        return Remark(path, 0, "the file", LEFT_OUT, "is a pickle, which runs code when it is loaded: not copied", todo)
    if dead := _DEAD.get(source.suffix):
        todo = "put the data into data/ as CSV and read it with pandas"
        return Remark(path, 0, "the file", NEEDS_YOU, f"is {dead}, which nothing reads any more", todo)
    return None


def _finish(found: Imported, old: _Project, packages: packaging.Packages, plan: training.Plan) -> None:
    """What the project is made with: train.mk, requirements, and what only a person can mend."""
    chosen = old.choice
    score = old.facts.get(chosen.score)
    writer = old.facts.get(chosen.schema)
    beside = [_moved(each, old.local) for each in choice.beside(score, old.facts, old.tree.files)]
    if chosen.why:
        todo = "let it write one: joblib.dump(model, 'outputs/model.pkl')" if chosen.outputs == () else "mend it"
        found.remarks.append(Remark(chosen.training or "train.mk", 0, "the training", NEEDS_YOU, chosen.why, todo))
    if not chosen.score:
        todo = "write score.py with init() and run()"
        found.remarks.append(
            Remark("score.py", 0, "the score script", NEEDS_YOU, "no script has init() and run()", todo)
        )
    for each in [*chosen.outputs, *beside]:
        if not training.fits(each):
            found.remarks.append(Remark("train.mk", 0, each, NEEDS_YOU, "make takes no such name", "rename it"))
    found.remarks += _missing_data(old)
    for path in chosen.outputs:
        parent = PurePosixPath(path).parent.as_posix()
        if parent not in (".", "outputs") and not any(file.startswith(f"{parent}/") for file in found.files):
            found.files[f"{parent}/README.md"] = b"The training writes here.\n"
    found.plan = replace(
        plan,
        beside=beside,
        flag=writer.flag if writer else "",
        schema_path=writer.schema if writer else "",
        has_schema=training.SCHEMA in found.files,
        needs=bool(packages.served),
        packages=bool(packages.beyond),
        configuration=packages.configuration,
    )
    for path in {
        packaging.CONDA,
        *(each for each, source in old.tree.files.items() if packaging.is_conda(each, source)),
    }:
        found.files[path] = packages.conda.encode()
    if packages.served:
        found.files[training.NEEDS] = packages.served.encode()
    if packages.beyond:
        found.files[training.PACKAGES] = packages.beyond.encode()
    found.files["train.mk"] = training.makefile(found.plan).encode()


def _here(chosen: choice.Choice, moved: Mapping[str, str]) -> choice.Choice:
    """The choice with the names that scripts have here."""
    names = {each: moved.get(each, each) for each in (chosen.training, chosen.score, chosen.schema)}
    return replace(chosen, training=names[chosen.training], score=names[chosen.score], schema=names[chosen.schema])


def _missing_data(old: _Project) -> list[Remark]:
    """Data that the training reads and that is not in the project."""
    facts = old.facts.get(old.choice.training)
    if facts is None:
        return []
    written = {path for each in old.facts.values() for path in each.writes}
    todo = "put it there, or change the path"
    return [
        Remark(facts.name, _line(old.texts[facts.name], path), path, NEEDS_YOU, "is read, and not in the project", todo)
        for path in facts.reads
        if path.lower().endswith(_DATA) and path not in written and path not in old.tree.files
        and not any(path.endswith(f"/{file}") for file in old.tree.files) and "://" not in path and ":/" not in path
    ]  # fmt: skip


def _line(text: str, path: str) -> int:
    name = PurePosixPath(path).name
    return next((number for number, line in enumerate(text.splitlines(), 1) if name in line), 0)


def _moved(path: str, local: Mapping[str, str]) -> str:
    """Where a module of a name that we have goes, with all that lies in it."""
    top, slash, rest = path.partition("/")
    stem, dot, suffix = top.partition(".")
    if not slash and suffix == "py" and stem in local:
        return f"{local[stem]}{dot}{suffix}"
    return f"{local[top]}/{rest}" if slash and top in local else path


def _safe(path: str) -> str:
    return "/".join(map(_safe_part, path.split("/")))


def _safe_part(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).lstrip("-._")
    return plain if plain and (plain.endswith(".py") or not name.endswith(".py")) else "script.py"


def report(remarks: list[Remark]) -> str:
    """IMPORT.md: a line a remark."""
    lines = ["# What became of each part", "", "Lines are those of the old files.", ""]
    lines += ["| where | what | became | why | what to do |", "|---|---|---|---|---|"]
    for remark in remarks:
        cells = (place(remark), f"`{remark.what}`", remark.verdict, remark.why, remark.todo)
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
