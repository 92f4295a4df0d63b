"""What a Job has come to, by what the cluster says of it. Pure."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightkube.models.batch_v1 import Job


def end(job: "Job", index: int) -> str:
    """Why it makes no more pods for a run; "" while it may."""
    status = job.status
    for each in (status.conditions if status else None) or []:
        if each.type in ("Failed", "Complete", "Suspended") and each.status == "True":
            return ": ".join(word for word in (each.reason or each.type, each.message) if word)
    failed = (status.failedIndexes if status else None) or ""
    return "all attempts of this run have failed" if _holds(failed, index) else ""


def _holds(indexes: str, index: int) -> bool:
    """Whether `1,3-5` names an index."""
    for part in filter(None, indexes.split(",")):
        first, _, last = part.partition("-")
        if int(first) <= index <= int(last or first):
            return True
    return False
