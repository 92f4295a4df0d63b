"""A whole old project: each file by its kind, as the files of a new project and the remarks on them. Writes nothing."""

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from model.manifests import pickles
from model.projects.old import LEFT_OUT, NEEDS_YOU, Remark, Translation, conda, place, schema, script, settings
from model.projects.template import ProjectError

MODEL = "model"
NEEDS = "score_requirements.txt"
_CONFIGURATION = "aml_config"
_SKIPPED = {"outputs", "__pycache__", "docs"}
_DEAD = {".dprep": "a data preparation package", ".dsource": "a data source", ".dconn": "a data connection"}
_OURS = {"numpy", "onnxruntime", "json", "azureml"}
_PACKAGES = {"sklearn": "scikit-learn", "yaml": "pyyaml", "PIL": "pillow", "cv2": "opencv-python-headless"}


@dataclass
class Imported:
    """Files by their path, and what became of each part; `scripts` are those that train, by their look."""

    files: dict[str, bytes] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)


def read(folder: Path, asks: conda.HasWheel = conda.has_wheel) -> Imported:
    """Translate the project in `folder`. Raises ProjectError when it is none."""
    if not (folder / _CONFIGURATION).is_dir():
        raise ProjectError(f"{folder}: has no {_CONFIGURATION}/, so it is no project of the Azure ML Workbench")
    found = Imported()
    paths = list(_walk(folder, found))
    texts = {path: _text(path) for path in paths if path.suffix == ".py"}
    spark = any(script.uses_spark(text or "") for text in texts.values())
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if made := _translated(path, name, spark=spark, asks=asks):
            found.remarks += made.remarks
            if made.text is not None:
                found.files[name] = made.text.encode()
        elif refused := _refused(path, name):
            found.remarks.append(refused)
        else:
            found.files[name] = path.read_bytes()
    found.scripts = [
        path.relative_to(folder).as_posix()
        for path, text in texts.items()
        if path.parent == folder and path.name != "score.py" and re.search(r"\.fit\(|\.dump\(", text or "")
    ]
    if (score := folder / "score.py") in texts:
        found.files[NEEDS] = _needs(texts[score] or "").encode()
    return found


def _walk(folder: Path, found: Imported) -> list[Path]:
    paths = []
    for here, folders, names in os.walk(folder):
        relative = Path(here).relative_to(folder)
        for name in sorted(folders):
            if name.startswith(".") or name in _SKIPPED:
                why = "outputs of old runs, or nobody's source"
                found.remarks.append(Remark(f"{(relative / name).as_posix()}/", 0, "the folder", LEFT_OUT, why))
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in _SKIPPED)
        for name in sorted(names):
            path = Path(here, name)
            if path.is_symlink() or name.startswith("."):
                why = "is a link" if path.is_symlink() else "is hidden, and may hold what is nobody's business"
                found.remarks.append(
                    Remark((relative / name).as_posix(), 0, "the file", LEFT_OUT, why, "copy it if needed")
                )
            else:
                paths.append(path)
    return paths


def _translated(path: Path, name: str, *, spark: bool, asks: conda.HasWheel) -> Translation | None:  # noqa: PLR0911 - a rule each
    """The translation of a file that has one."""
    inside = name.startswith(f"{_CONFIGURATION}/")
    if inside and path.suffix == ".compute":
        return settings.compute(path, name)
    if inside and path.suffix == ".runconfig":
        return settings.runconfig(path, name, spark=spark)
    if inside and path.name == "spark_dependencies.yml":
        return settings.spark(path, name)
    text = _text(path) if path.suffix in (".yml", ".yaml", ".json", ".py") else None
    if text is None:
        return None
    if path.suffix in (".yml", ".yaml"):
        return conda.translate(path, name, asks) if re.search(r"^dependencies:", text, re.MULTILINE) else None
    if path.suffix == ".json":
        return schema.translate(text, name) if '"swagger"' in text else None
    return script.translate(text, name, MODEL)


def _refused(path: Path, name: str) -> Remark | None:
    if pickles.is_pickle(path):
        todo = f"train again; or copy it yourself and create the manifest with --unpickle {MODEL}"
        return Remark(name, 0, "the file", LEFT_OUT, "is a pickle, which runs code when it is loaded: not copied", todo)
    if dead := _DEAD.get(path.suffix):
        todo = "put the data into data/ as CSV and read it with pandas"
        return Remark(name, 0, "the file", NEEDS_YOU, f"is {dead}, which nothing reads any more", todo)
    return None


def _needs(text: str) -> str:
    """Requirements of a score script, by what it imports."""
    modules = script.imports(text) - set(sys.stdlib_module_names) - _OURS
    if "sklearn" in modules and "joblib" in text:
        modules.add("joblib")
    return "".join(f"{_PACKAGES.get(each, each)}\n" for each in sorted(modules))


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def report(remarks: list[Remark]) -> str:
    """IMPORT.md: a line a remark."""
    lines = ["# What became of each part", "", "| where | what | became | why | what to do |", "|---|---|---|---|---|"]
    for each in remarks:
        cells = (place(each), f"`{each.what}`", each.verdict, each.why, each.todo)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def training(found: Imported) -> dict[str, bytes]:
    """train.mk of the new project, by what the old one held."""
    scripts = found.scripts or ["train.py"]
    given = " -s service_schema.json" if "service_schema.json" in found.files else ""
    given += f" -p {NEEDS}" if found.files.get(NEEDS) else ""
    text = f"""# How this project's model is made; it changes with the project.
SCRIPT ?= {scripts[0]}
# The outputs of the run that are the model.
OUTPUT ?= model.pkl
# A pickle runs code when it is loaded. If your own team made it: make manifest UNPICKLE="--unpickle $(NAME)"
NAME = {MODEL}
UNPICKLE ?=

train: .venv/.ready ## run the script, recorded, and register the model that it gives
\t@$(ENGINES) workbench experiment submit -c $(CONFIGURATION) $(SCRIPT)
\t@$(ENGINES) workbench history promote last -ap $(OUTPUT) -n $(NAME)

manifest: .venv/.ready ## what the image is made of, pinned in the stack's file
\t@$(ENGINES) workbench manifest create -n $(SERVICE) -i $(NAME) -f score.py{given} $(UNPICKLE) --stack $(STACK)
"""
    return {"train.mk": text.encode()}
