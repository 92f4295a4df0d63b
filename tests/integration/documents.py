"""What a document tells its reader to type."""

from __future__ import annotations

import re
from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(document: Path) -> list[str]:
    """The blocks of shell commands, in their order."""
    return _BLOCK.findall(document.read_text())
