"""workbench promote: let one stack run the image that another serves."""

import difflib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import suggestions
from workbench.cli.changes import Change, DryRunOption, agreed
from workbench.cli.printing import say

if TYPE_CHECKING:
    from workbench.stacks.promotions.promotion import Promotion


def promote(
    name: Annotated[str, typer.Argument(help="The service's name.")],
    source: Annotated[
        str, typer.Option("--from", help="The stack that serves the image.", autocompletion=suggestions.stacks)
    ],
    target: Annotated[
        str, typer.Option("--to", help="The stack that shall run it.", autocompletion=suggestions.stacks)
    ],
    key: Annotated[
        Path | None,
        typer.Option("--key", help="Sign the evidence by this private key (Ed25519 or ECDSA P-256, PEM)."),
    ] = None,
    dry_run: DryRunOption = False,
) -> None:
    """Pin the digest of the image that one stack serves in another stack's file, with evidence of what it passed.

    Builds nothing. Refuses where a policy of the other stack is broken; see docs/pull-requests.md.

    Example: workbench promote churnpred --from staging --to prod
    Example: workbench promote churnpred --from staging --to prod --key ~/.keys/promotion.pem
    """
    from workbench.core import atomic_files, home  # reading stacks and registries is slow to import
    from workbench.core.errors import PromotionError
    from workbench.stacks.environments import environment
    from workbench.stacks.promotions import promotion, signing
    from workbench.stacks.services import stack_inputs

    path = environment.file_to_write(target)
    stack_inputs.read_pins(path)
    found = promotion.prepare(name, source, target, lambda statement: signing.seal(statement, key))
    if found.refused:
        raise PromotionError("; ".join(each.line() for each in found.refused))
    difference = _difference(path, found)
    if not difference and found.known:
        print(f"{path.name}: {name} already pins {found.evidence.image}, which {source} serves")
        return
    evidence = found.file.relative_to(home.project()).as_posix()
    changes = [Change("pin", f"{name} in {path.name}", found.evidence.image)] if difference else []
    changes += [] if found.known else [Change("write", evidence, "signed" if key else "not signed")]
    _tell(found)
    print(difference, end="")
    if not agreed(changes, dry_run=dry_run):
        return
    if not found.known:
        atomic_files.write_file(found.file, promotion.text(found.sealed))
    stack_inputs.pin_image(path, name, found.evidence.manifest, found.evidence.image)
    print(f"{path.name}: {name} now pins {found.evidence.image}, which {source} serves; evidence: {evidence}")
    say(f"next: commit both, then: pulumi up -s {target}")


def _difference(path: Path, found: "Promotion") -> str:
    """What would change in the stack's file."""
    from workbench.stacks.services import stack_inputs  # ruamel is slow to import

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        if path.exists():
            shutil.copyfile(path, copy)
        before = _lines(copy)
        stack_inputs.pin_image(copy, found.evidence.service, found.evidence.manifest, found.evidence.image)
        return "".join(difflib.unified_diff(before, _lines(copy), path.name, path.name))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []


def _tell(found: "Promotion") -> None:
    from workbench.stacks.previews import words

    for metric in found.metrics:
        verdict = f"  {metric.verdict} {words.difference(metric)}" if metric.verdict else ""
        say(f"{metric.name}: {words.measured(metric.old)} → {words.measured(metric.new)}{verdict}")
    if found.schema:
        say(f"schema: {found.schema.verdict}")
    for violation in found.violations:
        say(f"excepted: policy {violation.rule}: {violation.problem}; {violation.excepted}")
