"""What runs leave on an engine: containers of killed submits, images of packages. Decides nothing."""

from workbench.experiments.targets.container import RUN_LABEL
from workbench.experiments.targets.engine import Engine
from workbench.experiments.targets.runtime_image import LABEL


def containers(engine: Engine) -> dict[str, str]:
    """Containers of runs by name, running or not, with the run's id. Raises TargetError."""
    form = f'{{{{.Names}}}} {{{{.Label "{RUN_LABEL}"}}}}'
    listed = engine.read("ps", "--all", "--filter", f"label={RUN_LABEL}", "--format", form)
    return dict(line.split(" ", 1) for line in listed.splitlines())


def images(engine: Engine) -> list[str]:
    """Images of packages by reference. Raises TargetError."""
    form = "{{.Repository}}:{{.Tag}}"
    return sorted(engine.read("image", "ls", "--filter", f"label={LABEL}", "--format", form).split())


def remove_container(engine: Engine, name: str) -> None:
    """Remove a container with its volumes, running or not. Raises TargetError."""
    engine.read("rm", "--force", "--volumes", name)


def remove_image(engine: Engine, reference: str) -> None:
    """Remove an image. Raises TargetError when a container still has it."""
    engine.read("image", "rm", reference)
