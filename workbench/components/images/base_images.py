"""The images that the toolchain made ready on this engine: base, gateway, registry. Reads; makes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass

from workbench.components.errors import InfraError
from workbench.core import home


@dataclass(frozen=True)
class BaseImages:
    """References of local images, each tagged by the digest of its recipe, and what is in `base`: package URLs."""

    base: str
    gateway: str
    registry: str
    packages: tuple[str, ...]


def load() -> BaseImages:
    """Read `images.json` in the home. Raises InfraError."""
    path = home.home() / "images.json"
    try:
        found = json.loads(path.read_text())
        return BaseImages(
            base=found["base"],
            gateway=found["gateway"],
            registry=found["registry"],
            packages=tuple(found["packages"]),
        )
    except FileNotFoundError as error:
        raise InfraError(f"{path} is missing: the base images are not made yet; run `make engines`") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InfraError(
            f"{path} does not name base, its packages, gateway and registry; run `make engines` to write it anew"
        ) from error
