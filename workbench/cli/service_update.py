"""workbench service update realtime: another image, manifest or shape behind the same URL and keys."""

import typer

from workbench.cli import service_source
from workbench.cli.changes import Change, DryRunOption
from workbench.cli.printing import Output, OutputOption, print_one
from workbench.cli.service_options import (
    ConcurrencyOption,
    CondaOption,
    CpuOption,
    DependenciesOption,
    FilesOption,
    ImageOption,
    ManifestOption,
    MemoryOption,
    ModelsOption,
    NameOption,
    ReplicasOption,
    RequirementsOption,
    RuntimeOption,
    SchemaOption,
    ScoreOption,
    UnpickleOption,
    shape,
)
from workbench.cli.stacks import LongStackOption, carry_out, chosen
from workbench.core.errors import ParameterError

app = typer.Typer(help="Update a service.")


@app.callback()
def update() -> None:
    """Update a service in place."""


@app.command()
def realtime(
    name: NameOption,
    image_id: ImageOption = None,
    manifest_id: ManifestOption = None,
    files: FilesOption = None,
    score: ScoreOption = None,
    schema: SchemaOption = None,
    runtime: RuntimeOption = "python",
    conda: CondaOption = None,
    requirements: RequirementsOption = None,
    dependencies: DependenciesOption = None,
    models: ModelsOption = None,
    unpickle: UnpickleOption = None,
    replicas: ReplicasOption = None,
    cpu: CpuOption = None,
    memory: MemoryOption = None,
    concurrency: ConcurrencyOption = None,
    stack: LongStackOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Let a service run another image. Its URL and keys stay, and no request is dropped.

    The image is one that is there (--image-id), or is built of a manifest (--manifest-id) or of new parts.

    Example: workbench service update realtime -i churnpred --image-id 3f2a91
    Example: workbench service update realtime -i churnpred --model churn:2
    """
    from workbench.stacks.environments import environment  # ruamel is slow to import
    from workbench.stacks.environments.parts import Parts  # ruamel is slow to import
    from workbench.stacks.services import service, stack_inputs  # http and ruamel are slow to import

    where = chosen(stack)
    path = environment.file(where)
    known = stack_inputs.read_services(path)
    if name not in known:
        there = ", ".join(known) or "none"
        raise ParameterError(
            f"{path.name} has no service {name!r}, it has {there}; run: workbench service create realtime --help"
        )
    settings = shape(replicas, cpu, memory, concurrency)
    parts = Parts(
        files=files or (),
        models=models or (),
        score=score,
        schema=schema,
        requirements=requirements,
        conda=conda,
        dependencies=dependencies or (),
        unpickle=unpickle or (),
        runtime=runtime,
    )
    pins = {}
    if image_id or manifest_id or parts.any() or not settings:
        pins = service_source.pins(where, name, parts, manifest_id, image_id, dry_run=dry_run, output=output)
        if not pins:
            return
    done = carry_out(
        where,
        lambda file: stack_inputs.put(file, name, pins, settings),
        [Change("update", f"service {name} in {path.name}", service_source.told({**pins, **settings}))],
        dry_run=dry_run,
        output=output,
    )
    if done:
        served = service.find(where, name)
        service_source.say_served(served)
        print_one(served.document(), output)
