"""workbench service create realtime: a service of files in one go, or of a manifest or an image that is there."""

from typing import Annotated

import typer

from workbench.cli import autoscale, service_source
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
    ReplicasOption,
    RequirementsOption,
    RuntimeOption,
    SchemaOption,
    ScoreOption,
    Switch,
    UnpickleOption,
    refuse_collection,
    shape,
)
from workbench.cli.stacks import LongStackOption, carry_out, chosen
from workbench.core.errors import ParameterError

app = typer.Typer(help="Create a service.")


@app.callback()
def create() -> None:
    """Create a service; `realtime` is one that answers at once."""


@app.command()
def realtime(
    name: Annotated[str, typer.Option("-n", "--name", help="The service's name: it will stand in the URL.")],
    files: FilesOption = None,
    score: ScoreOption = None,
    schema: SchemaOption = None,
    runtime: RuntimeOption = "python",
    conda: CondaOption = None,
    requirements: RequirementsOption = None,
    dependencies: DependenciesOption = None,
    models: ModelsOption = None,
    unpickle: UnpickleOption = None,
    manifest_id: ManifestOption = None,
    image_id: ImageOption = None,
    replicas: ReplicasOption = None,
    cpu: CpuOption = None,
    memory: MemoryOption = None,
    concurrency: ConcurrencyOption = None,
    autoscale_enabled: Annotated[
        Switch | None, typer.Option(help="Follow the load. Needs the kubernetes engine.")
    ] = None,
    autoscale_min_replicas: Annotated[int | None, typer.Option(min=1, help="At least so many; 1.")] = None,
    autoscale_max_replicas: Annotated[int | None, typer.Option(min=1, help="At most so many; 10.")] = None,
    autoscale_target_utilization: Annotated[
        int | None, typer.Option(min=1, max=100, help="Percent of --cpu; 70.")
    ] = None,
    autoscale_refresh_period_seconds: Annotated[
        int | None, typer.Option(help="The cluster's own: leave it out.")
    ] = None,
    collect_model_data: Annotated[Switch | None, typer.Option(help="Not in this version.")] = None,
    stack: LongStackOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Register models, make a manifest, build an image and serve it, each step as a line.

    What is there already is used: a manifest by --manifest-id, an image by --image-id. The service is written into the
    stack's file; then `pulumi up` runs. `--dry-run` shows what would change.

    Example: workbench service create realtime -n churnpred -m model.onnx -f score.py -s service_schema.json -r python
    Example: workbench service create realtime -n churnpred --model churn:2 -z 2 --memory 1G --stack staging
    """
    from workbench.registry.manifests.manifest import check_service
    from workbench.stacks.environments import environment  # ruamel is slow to import
    from workbench.stacks.environments.parts import Parts  # ruamel is slow to import
    from workbench.stacks.services import service, stack_inputs  # http and ruamel are slow to import

    refuse_collection(collect_model_data)
    check_service(name)
    where = chosen(stack)
    scaling = autoscale.settings(
        where,
        enabled=autoscale_enabled,
        least=autoscale_min_replicas,
        most=autoscale_max_replicas,
        target=autoscale_target_utilization,
        period=autoscale_refresh_period_seconds,
    )
    path = environment.file(where)
    if name in stack_inputs.read_services(path):
        raise ParameterError(f"{path.name} has {name} already; run: workbench service update realtime -i {name}")
    settings = shape(replicas, cpu, memory, concurrency) | scaling
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
    pins = service_source.pins(where, name, parts, manifest_id, image_id, dry_run=dry_run, output=output)
    if not pins:
        return
    done = carry_out(
        where,
        lambda file: stack_inputs.put(file, name, pins, settings),
        [Change("create", f"service {name} in {path.name}", service_source.told(pins))],
        dry_run=dry_run,
        output=output,
        way_back=f"workbench service delete -n {name} -s {where}",
    )
    if done:
        served = service.find(where, name)
        service_source.say_served(served)
        print_one(served.document(), output)
