"""`service show --lineage`, from a service to its data; `workbench model usage`, from a model to its services."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from workbench.cli import suggestions
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.cli.progress import waiting

LineageOption = Annotated[
    bool, typer.Option("--lineage", help="Where it comes from: image, manifest, models, runs, data, commit.")
]
ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="NAME, NAME:VERSION, or the start of its id.", autocompletion=suggestions.models
    ),
]


def show(name: str, stack: str, output: Output) -> None:
    """What `service show --lineage` prints."""
    from workbench.stacks.lineage import chain  # http is slow to import
    from workbench.stacks.services import service  # http is slow to import

    with waiting("reading the stack's state"):
        found = chain.of_service(service.find(stack, name))
    if output is not Output.table:
        print_one(found, output)
        return
    lines = list(_lines(found))
    width = max(len(word) for word, _ in lines)
    print("\n".join(f"{word.ljust(width)}  {text}" for word, text in lines))


def usage(model: ModelArgument, output: OutputOption = Output.table) -> None:
    """Tell which manifests hold a model, which stacks pin them, and which services run them now.

    A name alone stands for all of its versions.

    Example: workbench model usage churn
    Example: workbench model usage churn:2 -o json
    """
    from workbench.registry.models.registry import NAME, ModelRegistry
    from workbench.stacks.lineage import holdings, stacks, usage  # http and ruamel are slow to import

    registry = ModelRegistry()
    versions = list(registry.list(model)) if NAME.fullmatch(model) else []
    versions = versions or [registry.find(model)]
    with waiting("reading the stacks' states"):
        uses = stacks.read()
    if uses.unseen:
        say(f"what runs is not known: {uses.unseen}")
    rows = usage.rows(versions, holdings.read(), uses)
    if output is Output.table:
        rows = [{**row, "manifest": f"{row['manifest'][:19]}…"} for row in rows]
    print_rows(rows, output, empty=f"no manifest holds {', '.join(version.label for version in versions)}")


def _lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The chain for people: a word and what stands behind it."""
    service, release, manifest = found["service"], found["release"], found["manifest"]
    yield "service", f"{service['name']} in {service['stack']}, {service['url']}"
    yield "image", release["image"]
    yield "containers", ", ".join(release["containers"])
    yield "manifest", _link(manifest, manifest["id"])
    for model in found["models"]:
        yield "model", _link(model, f"{model['name']}:{model['version']}, {model['digest']}")
        if "run" in model:
            yield from _run(model["run"])


def _run(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    script = f" of {run['script']}" if "script" in run else ""
    started = f"{run.get('status')}, started {run.get('started_at')}"
    yield "  run", _link(run, f"{run.get('id')}{script}, {started}")
    if "data" not in run:
        return
    for each in run["data"] or [{"path": "none that is known", "digest": ""}]:
        yield "  data", f"{each['path']} {each['digest']}".strip()
    yield "  parameters", ", ".join(f"{key}={value}" for key, value in run["parameters"].items()) or "-"
    git = run["git"]
    dirty = " with changes that were not committed" if git.get("dirty") else ""
    yield "  commit", _link(git, f"{git.get('commit')}{dirty}")
    yield "  environment", ", ".join(f"{key} {value}" for key, value in _flat(run["environment"])) or "-"


def _flat(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield key, value


def _link(link: Mapping[str, Any], text: str) -> str:
    missing = link.get("missing")
    if not missing:
        return text
    return f"missing: {missing}" if "id" not in link and "name" not in link else f"{_short(link)}; missing: {missing}"


def _short(link: Mapping[str, Any]) -> str:
    return f"{link['name']}:{link['version']}, {link['digest']}" if "name" in link else str(link["id"])
