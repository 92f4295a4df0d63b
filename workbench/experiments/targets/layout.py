"""How the folder of a run looks, alike on every target, and the variables that tell a script where it is.

In it lie `project/`, the copy that the script works on, with `outputs/`; `data/`, files of elsewhere that arguments
name; and `marker`, older than all that the script writes.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from workbench import tracking
from workbench.experiments.targets import Job

TREE = Path(__file__).resolve().parents[3]


def environment(job: Job, folder: str, tracking_file: str, modules: Sequence[str]) -> dict[str, str]:
    """The run's own variables; `folder` and `tracking_file` as the script sees them, `modules` come last."""
    return {
        tracking.RUN: job.id,
        tracking.FILE: tracking_file,
        tracking.OUTPUTS: f"{folder}/project/outputs",
        "PYTHONPATH": os.pathsep.join(modules),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"SPARK_CONF_DIR": folder, "PYSPARK_PYTHON": "python3"} if job.spark else {}),
    }
