"""Options that the verbs of services share: which one, what it is made of, and its shape."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import suggestions
from workbench.core.errors import ParameterError

NameOption = Annotated[
    str, typer.Option("-n", "--name", "-i", "--id", help="The service's name.", autocompletion=suggestions.services)
]
FilesOption = Annotated[
    list[Path] | None,
    typer.Option("-m", "--model-file", help="A model's file or folder, registered under its own name; repeatable."),
]
ModelsOption = Annotated[
    list[str] | None,
    typer.Option("--model", help="A registered model: NAME, NAME:VERSION or id.", autocompletion=suggestions.models),
]
ScoreOption = Annotated[Path | None, typer.Option("-f", "--score", help="The score script: init() and run().")]
SchemaOption = Annotated[
    Path | None,
    typer.Option(
        "-s",
        "--schema",
        help="service_schema.json, by default the model's; without either run() gets each body as text.",
    ),
]
RuntimeOption = Annotated[str, typer.Option("-r", "--runtime", help="What runs the script: python.")]
CondaOption = Annotated[
    Path | None, typer.Option("-c", "--conda-file", help="What the script needs, as a conda file of PyPI's packages.")
]
RequirementsOption = Annotated[
    Path | None, typer.Option("-p", "--requirements", help="What the script needs beside the server, for pip.")
]
DependenciesOption = Annotated[
    list[Path] | None, typer.Option("-d", "--dependency", help="A file or folder beside the script; repeatable.")
]
UnpickleOption = Annotated[
    list[str] | None, typer.Option("--unpickle", metavar="MODEL", help="Let the script load this model's pickles.")
]
ImageOption = Annotated[
    str | None, typer.Option("--image-id", help="An image of the environment, by its digest or the start of it.")
]
ManifestOption = Annotated[str | None, typer.Option("--manifest-id", help="A manifest, by its id or the start of it.")]
ReplicasOption = Annotated[int | None, typer.Option("-z", "--replicas", min=1, max=1000, help="How many containers.")]
CpuOption = Annotated[float | None, typer.Option("--cpu", min=0.05, max=256, help="Cores of each container.")]
MemoryOption = Annotated[
    str | None, typer.Option("--memory", help="Memory of each container: 512 (MiB), 512M, 1G, 1Gi.")
]
ConcurrencyOption = Annotated[
    int | None,
    typer.Option("--replica-max-concurrent-requests", min=1, max=10_000, help="Above that a container answers 503."),
]

_MEMORY = re.compile(r"([0-9]+)\s*(?:([MG])(?:i?B?)?)?", re.IGNORECASE)
_MIB = {"": 1, "M": 1, "G": 1024}


class Switch(StrEnum):
    """A switch as the lab writes it."""

    true = "true"
    false = "false"


def shape(replicas: int | None, cpu: float | None, memory: str | None, concurrency: int | None) -> dict[str, float]:
    """The keys of a service in its stack's file that were given. Raises ParameterError."""
    given = {"replicas": replicas, "cpu": cpu, "memory": memory and mebibytes(memory), "concurrency": concurrency}
    return {key: value for key, value in given.items() if value is not None and value != ""}


def mebibytes(text: str) -> int:
    """Memory as people and the lab write it, in MiB. Raises ParameterError."""
    found = _MEMORY.fullmatch(text.strip())
    if not found or not int(found.group(1)):
        raise ParameterError(f"--memory {text!r}: write MiB as a whole number, or 512M or 1G")
    return int(found.group(1)) * _MIB[(found.group(2) or "").upper()]


def refuse_collection(wanted: Switch | None) -> None:
    """Raise ParameterError for --collect-model-data: said, never ignored."""
    if wanted is Switch.true:
        raise ParameterError(
            "--collect-model-data: this version collects no data; leave it out, and log what you need in run()"
        )
