"""How docker is told to run a job; calls nothing. Non-root, read-only, bounded, alone unless told not to."""

from collections.abc import Mapping

from workbench.core import grammars
from workbench.experiments.configurations.compute import Compute
from workbench.experiments.targets import Job, TargetError
from workbench.experiments.targets.layout import environment

FOLDER = "/workbench"
USER = 10001
RUN_LABEL = "workbench.run"
_SUPPORT = f"{FOLDER}/support"
# One stream for both outputs keeps their order, and leaves the other one to the client's own complaints.
_ENTRY = 'cd "$0" && exec "$@" 2>&1'
_PROCESSES = "2048"
# A run keeps what it prints in its own log; the engine's copy must only outlive a lost connection.
_LOG = ("--log-driver", "json-file", "--log-opt", "max-size=100m")


def name(job: Job) -> str:
    """The container's name."""
    return f"workbench-{job.id}"


def create(job: Job, compute: Compute, image: str, variables_file: str) -> list[str]:
    """The call that creates the container. What changes on disk lies in two volumes that go with it."""
    python = compute.python or "python3"
    call = ["create", "--name", name(job), "--label", f"{RUN_LABEL}={job.id}"]
    call += ["--label", f"workbench.project={job.project}", "--init", *_LOG]
    call += ["--user", f"{USER}:{USER}", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"]
    call += ["--network", compute.network, "--pids-limit", _PROCESSES]
    call += ["--memory", compute.memory, "--memory-swap", compute.memory]
    # Without a network nothing resolves a container's own name, which Java asks for.
    call += ["--hostname", "localhost"] if job.spark and compute.network == "none" else []
    call += ["--cpus", f"{compute.cpus:g}"] if compute.cpus else []
    call += ["--gpus", "all"] if compute.gpu else []
    call += ["--volume", FOLDER, "--volume", "/tmp"]  # noqa: S108 - a volume of the container's own
    if compute.shared_directory:
        call += ["--mount", f"type=bind,source={compute.shared_directory},target=/share"]
    call += ["--env-file", variables_file, "--workdir", "/"]
    folder = f"{FOLDER}/project/{job.folder}"
    return [*call, "--entrypoint", "sh", image, "-c", _ENTRY, folder, python, *job.command]


def variables(job: Job, compute: Compute, image_environment: list[str]) -> dict[str, str]:
    """The variables of the container; the image's own module paths come before the run's."""
    paths = dict(each.partition("=")[::2] for each in image_environment).get("PYTHONPATH", "")
    modules = [*([paths] if paths else []), _SUPPORT, f"{FOLDER}/project"]
    own = environment(job, FOLDER, f"{FOLDER}/tracking.jsonl", modules)
    shared = {"AZUREML_NATIVE_SHARE_DIRECTORY": "/share"} if compute.shared_directory else {}
    spark = {"SPARK_LOCAL_IP": "127.0.0.1"} if job.spark and compute.network == "none" else {}
    homes = {"HOME": f"{FOLDER}/home", "SPARK_LOCAL_DIRS": f"{FOLDER}/home"}
    return {**homes, **spark, **shared, **job.environment, **own, "PYTHONPATH": _joined(job.environment, own)}


def variables_file(values: Mapping[str, str]) -> bytes:
    """As `--env-file` reads it: values are one line each. Raises TargetError for what can't be one."""
    for name, value in values.items():
        if not grammars.VARIABLE.fits(name) or not grammars.is_line(value):
            raise TargetError(f"the variable {name!r} can't be given to a container: its value must be one line")
    return "".join(f"{key}={value}\n" for key, value in sorted(values.items())).encode()


def _joined(*environments: Mapping[str, str]) -> str:
    return ":".join(path for each in environments if (path := each.get("PYTHONPATH")))
