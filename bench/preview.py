"""How much longer `workbench preview` of a stack with nothing to change takes than the plain `pulumi preview` of it.

    eval "$(make -s env)" && python bench/preview.py --stack staging

Both run in turn on the same machine; prints one JSON object with medians (seconds) and their ratio.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import time


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stack", default="staging", help="a stack that is up and has nothing to change")
    parser.add_argument("--runs", type=int, default=9, help="pairs that count; one more goes before them")
    chosen = parser.parse_args()
    ours = ["workbench", "preview", "--stack", chosen.stack, "--format", "markdown"]
    plain = ["pulumi", "preview", "--stack", chosen.stack, "--non-interactive"]
    pairs = [(_seconds(ours), _seconds(plain)) for _ in range(chosen.runs + 1)][1:]
    mine, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(json.dumps({"workbench": round(mine, 3), "pulumi": round(theirs, 3), "ratio": round(ratio, 3)}))


def _seconds(command: list[str]) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
