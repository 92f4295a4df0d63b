"""train.mk of an imported project: how its model, its schema and its manifest are made, by what the old one held.

Make and a shell read this file: each name of the old project in it was checked by a grammar.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from workbench.core import grammars
from workbench.projects.old.choice import Choice

NEEDS, PACKAGES, SCHEMA = "score_requirements.txt", "packages.txt", "service_schema.json"
_PATH = re.compile(r"(?:[A-Za-z0-9_][\w.-]*/)*[A-Za-z0-9_][\w.-]*", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What train.mk says. `beside` lie in the image beside the score script; `flag` goes to the schema's script."""

    name: str
    choice: Choice
    beside: Sequence[str] = ()
    flag: str = ""
    schema_path: str = ""
    has_schema: bool = False
    needs: bool = False
    packages: bool = False
    configuration: str = "local"


def fits(path: str) -> bool:
    """Whether a path can stand in train.mk: letters, digits and ./_- alone, no option, nothing hidden."""
    return bool(_PATH.fullmatch(path)) and len(path) < 200  # noqa: PLR2004 - a line of make


def script_fits(path: str) -> bool:
    """Whether a script's path can stand in train.mk."""
    return grammars.SCRIPT.fits(path) and fits(path)


def makefile(plan: Plan) -> str:
    """The text of train.mk."""
    choice = plan.choice
    outputs = [output for output in choice.outputs if fits(output)] or ["model.pkl"]
    ready = ".venv/.packages" if plan.packages else ".venv/.ready"
    lines = [
        "# How this project's model is made; it changes with the project.",
        f"SCRIPT ?= {choice.training or 'train.py'}",
        "# The outputs of the run that are the model.",
        f"OUTPUTS ?= {' '.join(outputs)}",
        "NAME = $(MODEL)",
    ]
    if plan.configuration != "local":
        lines += [
            "# .venv can't have the project's packages beside the workbench's own.",
            f"CONFIGURATION = {plan.configuration}",
        ]
    lines += [
        "# A pickle runs code when it is loaded. If your own run wrote this one:",
        '# make manifest UNPICKLE="--unpickle $(NAME)"',
        "UNPICKLE ?=",
        "",
    ]
    if plan.packages:
        lines += [
            "# What the project's scripts import beside what the workbench brings: aml_config/, locked by hash.",
            f".venv/.packages: {PACKAGES} .venv/.ready",
            f"\t$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r {PACKAGES}",
            "\t@touch $@",
            "",
        ]
    lines += [
        f"train: {ready} ## run the script, recorded, and register the model that it gives",
        "\t@$(ENGINES) workbench experiment submit -c $(CONFIGURATION) $(SCRIPT)",
        "\t@$(ENGINES) workbench history promote last $(addprefix -ap ,$(OUTPUTS)) -n $(NAME)",
        *_schema(plan),
        "",
        f"manifest: {ready} ## what the image is made of, pinned in the stack's file",
        f"\t@$(ENGINES) workbench manifest create -n $(SERVICE) -i $(NAME) {_given(plan)} $(UNPICKLE) --stack $(STACK)",
    ]
    return "\n".join(lines) + "\n"


def following(plan: Plan) -> str:
    """The commands that come next, such as work as they stand."""
    if plan.choice.why or not plan.choice.score:
        return "make engines"
    unpickle = f' UNPICKLE="--unpickle {plan.name}"' if plan.choice.is_pickle else ""
    return f"make engines train && make manifest{unpickle} && make up score"


def _schema(plan: Plan) -> list[str]:
    """The run that writes the schema, with the model where the score script looks for it."""
    if not plan.choice.schema:
        return []
    flag = f" {plan.flag}" if plan.flag else ""
    path = plan.schema_path if fits(plan.schema_path) else SCHEMA
    return [
        "\t@rm -f $(addprefix models/$(NAME)/,$(notdir $(OUTPUTS)))",
        "\t@$(ENGINES) workbench history download last $(addprefix --path ,$(OUTPUTS)) --to models/$(NAME)",
        f"\t@$(ENGINES) workbench experiment submit -c $(CONFIGURATION) {plan.choice.schema}{flag}",
        f"\t@rm -f {PurePosixPath(path).name}",
        f"\t@$(ENGINES) workbench history download last --path {path}",
    ]


def _given(plan: Plan) -> str:
    schema = PurePosixPath(plan.schema_path).name if plan.choice.schema and fits(plan.schema_path) else SCHEMA
    given = f"-f {plan.choice.score or 'score.py'}"
    given += f" -s {schema}" if plan.has_schema or plan.choice.schema else ""
    given += f" -p {NEEDS}" if plan.needs else ""
    return given + "".join(f" -d {each}" for each in plan.beside if fits(each))
