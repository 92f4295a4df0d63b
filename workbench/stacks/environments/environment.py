"""An environment by its stack's file: its name, its ports, and the environments of a project. Changes nothing."""

import re
from collections.abc import Iterable
from pathlib import Path

from workbench.core import home
from workbench.core.errors import EnvironmentsError, ParameterError, ServiceError
from workbench.core.ports import is_free
from workbench.stacks.services import pulumi_cli, stack_file

NAME = re.compile(r"[a-z0-9]{1,32}")
GATEWAY_PORT, REGISTRY_PORT = "gatewayPort", "registryPort"
# Where the search for free ports begins: the defaults of Pulumi.yaml.
FIRST_PORTS = {GATEWAY_PORT: 8080, REGISTRY_PORT: 5000}
_SPAN = 200


def check_name(name: str) -> None:
    """Raise ParameterError unless `name` can name a new environment."""
    if not NAME.fullmatch(name):
        raise ParameterError(f"environment {name!r}: up to 32 of a-z and 0-9")


def names() -> list[str]:
    """The environments of the project, by their stacks' files."""
    return list(home.stack_files())


def file(name: str) -> Path:
    """The file of an environment that is there. Raises EnvironmentsError, naming those that are."""
    path = file_to_write(name)
    if not path.is_file():
        raise EnvironmentsError(
            f"{path}: is missing, while the backend has the stack {name!r}; get it back by: git checkout {path.name}, "
            f"or, as it was last deployed: pulumi config refresh -s {name}"
        )
    return path


def file_to_write(name: str) -> Path:
    """The file of a stack that has one or that the backend knows. Raises EnvironmentsError, naming those that do."""
    path = home.stack_file(name)
    if not path.is_file() and not _in_backend(name):
        known = ", ".join(names()) or "none"
        raise EnvironmentsError(f"there is no environment {name!r}, there are {known}; workbench env setup makes one")
    return path


def _in_backend(name: str) -> bool:
    """Whether the backend has a stack of this project by that name; no where there is nobody to ask."""
    try:
        return name in pulumi_cli.stacks()
    except ServiceError:
        return False


def port(path: Path, key: str) -> int:
    """A port that a stack's file gives, else the default. Raises StackFileError."""
    return int(stack_file.value(path, key, FIRST_PORTS[key]))


def free_port(key: str) -> int:
    """The first port, from its default on, that nothing listens on and no environment of the project has."""
    taken = {port(home.stack_file(name), each) for name in names() for each in FIRST_PORTS}
    first = FIRST_PORTS[key]
    return _first_free(candidate for candidate in range(first, first + _SPAN) if candidate not in taken)


def text(path: Path, settings: dict[str, int | str]) -> str:
    """What a new stack's file at `path` holds."""
    lines = [f'  {stack_file.key(path, key)}: "{value}"' for key, value in settings.items()]
    return "\n".join(["# Made by workbench env setup.", "config:", *lines, ""])


def _first_free(candidates: Iterable[int]) -> int:
    for candidate in filter(is_free, candidates):
        return candidate
    raise EnvironmentsError("no free port was found; name one by --gateway-port and --registry-port")
