"""What a service is to run, as `service create` and `service update` are told it: an image, a manifest, or parts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.cli.changes import Change, agreed
from workbench.cli.printing import Output, say
from workbench.core.errors import ParameterError

if TYPE_CHECKING:
    from workbench.stacks.environments.parts import Parts
    from workbench.stacks.services.service import Service


def pins(
    stack: str,
    name: str,
    parts: "Parts",
    manifest_id: str | None,
    image_id: str | None,
    *,
    dry_run: bool,
    output: Output,
) -> dict[str, str]:
    """What to pin in the stack's file; empty in a dry run of parts, which is all told here.

    Raises ParameterError unless exactly one source is given.
    """
    from workbench.registry.manifests import manifest
    from workbench.stacks.environments import environment, images  # ruamel is slow to import
    from workbench.stacks.services import stack_inputs  # ruamel is slow to import

    path = environment.file(stack)
    if sum(map(bool, (manifest_id, image_id, parts.any()))) != 1:
        raise ParameterError(
            f"{name}: say what to run, once: files by -m and -f, models by --model, or --manifest-id, or --image-id"
        )
    parts.check()
    if image_id:
        image = images.find(stack, image_id)
        return stack_inputs.image_pins(path, name, image.manifest, image.reference)
    if manifest_id:
        return stack_inputs.manifest_pins(path, name, manifest.find(manifest_id).id)
    if dry_run:
        agreed(_steps(path.name, name, parts), dry_run=True, output=output)
        return {}
    made = parts.manifest(name, say)
    say(f"manifest {made.id}")
    return stack_inputs.manifest_pins(path, name, made.id)


def told(values: Mapping[str, object]) -> str:
    """Pins and settings as half a line."""
    return ", ".join(f"{key} {value}" for key, value in values.items())


def say_served(served: "Service") -> None:
    """The last two steps, as the lab counts them."""
    say(f"image {served.text('image')}")
    say(f"service {served.name} answers at {served.text('scoringUrl')}; its keys: {served.keys_folder}")


def _steps(file: str, name: str, parts: "Parts") -> list[Change]:
    """What a run would do. Pulumi can't be asked: the manifest that it would preview is still to be made."""
    from workbench.stacks.environments.parts import model_name  # ruamel is slow to import

    return [
        *(Change("register", f"model {model_name(each)}", str(each)) for each in parts.files),
        Change("create", f"manifest {name}"),
        Change("pin", f"it in {file}", f"service {name}"),
        Change("create", f"image {name}", "if there is none of this manifest"),
        Change("run", f"service {name} on it"),
    ]
