"""Running one of `programs/` in a server's environment, to write what the server serves."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.serving.errors import BenchError
from bench.serving.server import Server


def run(server: Server, arguments: Sequence[Path | str]) -> None:
    """Run a program with its arguments in the server's folder. Raises BenchError with its last line if it fails."""
    environment = {
        "PATH": f"{server.python.parent}:/usr/bin:/bin",
        "HOME": str(server.folder),
        **server.environment([0] * server.ports),
    }
    command = [str(server.python), *map(str, arguments)]
    done = subprocess.run(command, cwd=server.folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise BenchError(f"{server.name}: {Path(arguments[0]).name} failed ({reason[:300]})")
