"""Keeps this process from unpickling, whoever asks: bytes that look like a model can be a program.

A team that trusts its own pickles switches them on by the model's name, in the manifest.
"""

import sys
from typing import Final

from workbench.server.errors import ScoringError

EVENT: Final = "pickle.find_class"


class UnpicklingError(ScoringError):
    """Something asked to unpickle, and no model of the manifest may."""


def refuse() -> None:
    """From now on every look-up of a class by a pickle raises UnpicklingError. There is no way back."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == EVENT:
            name = ".".join(str(argument) for argument in arguments)
            raise UnpicklingError(
                f"unpickling of {name[:100]} is refused: no model of this manifest is switched on for it;"
                " create the manifest with --unpickle MODEL if the team made that file itself"
            )

    sys.addaudithook(hook)
