"""Why something must not be deleted: who uses it. Reads nothing; raises InUseError, one line that names the users."""

from collections.abc import Sequence

from workbench.core.errors import InUseError
from workbench.registry.models.model_version import ModelVersion
from workbench.stacks.lineage.holdings import Holding
from workbench.stacks.lineage.uses import Uses

_MOST = 3


def check_manifest(holding: Holding, uses: Uses) -> None:
    """Refuse a manifest that a stack pins or serves."""
    what = f"manifest {holding.id[:19]}…"
    if users := uses.of(holding.id):
        raise InUseError(f"{what}: {_listed(users)}; pin another manifest there and run pulumi up, then delete it")
    _check_seen(what, uses)


def check_version(version: ModelVersion, held: Sequence[Holding], uses: Uses) -> None:
    """Refuse a model version of a manifest that a stack pins or serves; `held` are the manifests that it is in."""
    what = f"model {version.label}"
    users = [f"{each.id[:19]}… holds it, {user}" for each in held for user in uses.of(each.id)]
    if users:
        raise InUseError(f"{what}: {_listed(users)}; pin another manifest there and run pulumi up, then delete it")
    if held:
        _check_seen(what, uses)


def check_run(
    run_id: str, versions: Sequence[ModelVersion], holdings: Sequence[Holding], uses: Uses, *, keep_models: bool
) -> None:
    """Refuse a run that one of `versions` came from; with `keep_models` only if a stack pins or serves that one."""
    came = [each for each in versions if each.run_id == run_id]
    users = [
        f"{version.label} came from it, {user}"
        for version in came
        for held in holdings
        if held.holds(version)
        for user in uses.of(held.id)
    ]
    if users:
        said = _listed([each.replace("pins it", "pins that").replace("runs it", "runs that") for each in users])
        raise InUseError(f"run {run_id}: {said}; pin another manifest there and run pulumi up, then delete it")
    if came and not keep_models:
        labels = ", ".join(each.label for each in came)
        raise InUseError(
            f"run {run_id}: {labels} came from it; delete that first with workbench model delete, or give --keep-models"
        )
    if any(held.holds(version) for version in came for held in holdings):
        _check_seen(f"run {run_id}", uses)


def _check_seen(what: str, uses: Uses) -> None:
    if uses.unseen:
        raise InUseError(f"{what}: nobody can tell whether a service runs it, as {uses.unseen}")


def _listed(users: Sequence[str]) -> str:
    more = f" and {len(users) - _MOST} more" if len(users) > _MOST else ""
    return "; ".join(users[:_MOST]) + more
