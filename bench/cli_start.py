"""How much longer `workbench --help` takes than `python -c "import typer"`.

    python bench/cli_start.py

Both run in turn on the same machine; prints one JSON object with medians (seconds) and their ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

TREE = Path(__file__).parents[1]
HELP = [sys.executable, "-c", "import sys; sys.argv[1:] = ['--help']; from workbench.cli.main import main; main()"]
TYPER = [sys.executable, "-c", "import typer"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=31, help="pairs that count; one more goes before them")
    chosen = parser.parse_args()
    pairs = [(_seconds(HELP), _seconds(TYPER)) for _ in range(chosen.runs + 1)][1:]
    ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(json.dumps({"workbench_help": round(ours, 4), "import_typer": round(theirs, 4), "ratio": round(ratio, 3)}))


def _seconds(command: list[str]) -> float:
    environment = {**os.environ, "PYTHONPATH": str(TREE)}
    began = time.monotonic()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
