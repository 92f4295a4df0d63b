"""Begins the registry of a stack: writes who may push and pull to the container's own memory, then becomes it."""

# ruff: noqa: INP001 - a file of an image, no package's
import os
from pathlib import Path

LOGINS = Path("/tmp/htpasswd")  # noqa: S108 - a tmpfs of the container's own


def main() -> None:
    """Replace this process by the registry."""
    LOGINS.touch(0o600)
    LOGINS.write_text(f"{os.environ.pop('REGISTRY_LOGINS')}\n", encoding="ascii")
    os.execvp("docker-registry", ["docker-registry", "serve", "/etc/workbench/registry.yml"])


if __name__ == "__main__":
    main()
