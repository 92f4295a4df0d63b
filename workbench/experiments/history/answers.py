"""What a run's model answered on its test part, as the run kept it."""

from typing import Any

from workbench.experiments.history.evaluation import FILE, Evaluation
from workbench.experiments.runs import run_record

OUTPUTS = "outputs"


def of(record: dict[str, Any]) -> Evaluation | None:
    """None of a run that kept none. Raises RunError for a file that is no evaluation."""
    if not any(entry["path"] == FILE for entry in record.get("outputs") or []):
        return None
    path = run_record.files(record["id"]) / OUTPUTS / FILE
    return Evaluation.from_json(path.read_bytes(), str(path))
