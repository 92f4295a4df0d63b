"""A runtime's image, from the docker engine of this machine to the registry that the cluster pulls from."""

import re
import subprocess

from workbench.experiments.targets import TargetError
from workbench.experiments.targets.engine import Engine
from workbench.experiments.targets.runtime_image import REPOSITORY

_DIGEST = re.compile(r"digest: (sha256:[0-9a-f]{64})")


def push(engine: Engine, image: str, registry: str) -> str:
    """Have it in the registry; its reference there, by digest. Raises TargetError.

    The engine's own login is used. What the registry has already is not sent again.
    """
    repository = f"{registry}/{REPOSITORY}"
    tag = f"{repository}:{image.rpartition(':')[2][:16]}"
    engine.read("image", "tag", image, tag)
    # Not by `read`, which takes a registry that refuses connections for an engine that does.
    process = engine.open("push", tag, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, complaint = (text.decode(errors="replace").strip() for text in process.communicate())
    if process.returncode:
        reason, host = complaint.rpartition("\n")[2], registry.partition("/")[0]
        raise TargetError(
            f"registry: {registry} does not take the image ({reason}); see that it is up, and run: docker login {host}"
        )
    found = _DIGEST.search(said)
    if not found:
        raise TargetError(f"registry: {registry} told no digest of {tag}; see: docker push {tag}")
    return f"{repository}@{found.group(1)}"
