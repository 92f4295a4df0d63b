"""How much longer an `up` of a stack with nothing to change takes than that of an empty Pulumi Python program.

    eval "$(make -s env)" && python bench/unchanged_up.py --stack staging

Both run in turn on the same machine; prints one JSON object with medians (seconds) and their ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

TREE = Path(__file__).parents[1]
PROJECT = "name: empty\nruntime: python\n"
PROGRAM = "import pulumi\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stack", default="staging", help="a stack that is up and has nothing to change")
    parser.add_argument("--runs", type=int, default=9, help="pairs that count; one more goes before them")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty = _empty_program(Path(folder))
        pairs = [(_up(TREE, chosen.stack, None), _up(Path(folder), "empty", empty)) for _ in range(chosen.runs + 1)][1:]
    ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(json.dumps({"unchanged_up": round(ours, 3), "empty_program": round(theirs, 3), "ratio": round(ratio, 3)}))


def _empty_program(folder: Path) -> dict[str, str]:
    """Make the project with a state of its own; gives the environment it runs in."""
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "state").mkdir()
    environment = {**os.environ, "PULUMI_BACKEND_URL": f"file://{folder / 'state'}"}
    subprocess.run(["pulumi", "stack", "init", "empty"], cwd=folder, env=environment, check=True, capture_output=True)
    return environment


def _up(folder: Path, stack: str, environment: dict[str, str] | None) -> float:
    began = time.monotonic()
    command = ["pulumi", "up", "-s", stack, "--yes", "--skip-preview", "--expect-no-changes", "--non-interactive"]
    if environment:
        command.remove("--expect-no-changes")  # the empty stack's first `up` makes the stack itself
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
