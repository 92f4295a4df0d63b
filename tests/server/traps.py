"""A pickle that does harm to whoever loads it: it makes a folder."""

import os
from pathlib import Path


class Trap:
    """Makes the folder `marker` when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self._marker),)
