"""Several processes that write to one pipe, faster than it is read."""

import json
import os
import subprocess
import sys
from pathlib import Path

WRITER = """
import json, sys
from pathlib import Path
from workbench.server.stdout import share
share(Path(sys.argv[1]))
for number in range(20):
    sys.stdout.write("".join(json.dumps([sys.argv[2], number, line, 200 * "x"]) + "\\n" for line in range(200)))
    sys.stdout.flush()
"""


def test_lines_of_several_writers_stay_whole_and_together(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    reading, writing = os.pipe()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "lock"), name], env=environment, stdout=writing)
        for name in "abc"
    ]
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", buffering=4096) as pipe:
        lines = [json.loads(line) for line in pipe]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(lines) == 3 * 20 * 200
    batches = [lines[start : start + 200] for start in range(0, len(lines), 200)]
    assert all([each[:3] for each in batch] == [[*batch[0][:2], line] for line in range(200)] for batch in batches)
