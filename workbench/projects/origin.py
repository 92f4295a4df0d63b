"""Where this workbench comes from, so that a project can have the same one; and a wheel of it where no index has it."""

import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from workbench.core.errors import WorkbenchError

DISTRIBUTION = "churn-workbench"
REQUIREMENTS = Path(__file__).with_name("project.txt")
VENDOR = "vendor"
_PARTS = (
    "workbench",
    "infra",
    "model",
    "scoring",
    "aml_config",
    "requirements",
    "training.yaml",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)


def requirement() -> str | Path:
    """What pip installs to have this workbench: a requirement, or the folder or wheel it was installed from."""
    try:
        found = distribution(DISTRIBUTION)
    except PackageNotFoundError:
        return Path(__file__).parents[2]
    record = found.read_text("direct_url.json")
    direct = json.loads(record) if record else {}
    url = str(direct.get("url", ""))
    if not url:
        return f"{DISTRIBUTION}=={found.version}"
    if vcs := direct.get("vcs_info"):
        return f"{DISTRIBUTION} @ {vcs['vcs']}+{url}@{vcs['commit_id']}"
    return Path(unquote(urlsplit(url).path)) if url.startswith("file:") else f"{DISTRIBUTION} @ {url}"


def wheel(source: Path) -> tuple[str, bytes]:
    """The name and bytes of a wheel: the file itself, or one built of a tree, offline. Raises WorkbenchError."""
    if source.suffix == ".whl" and source.is_file():
        return source.name, source.read_bytes()
    if not (source / "pyproject.toml").is_file():
        raise WorkbenchError(f"{source}: the workbench was installed from there and it is gone; give --workbench WHEEL")
    with tempfile.TemporaryDirectory(prefix="workbench-") as scratch:
        tree = Path(scratch, "tree")
        # A copy: building leaves its own folders behind, and takes what an earlier build left.
        for name in _PARTS:
            part = source / name
            if part.is_dir():
                shutil.copytree(part, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(part, tree / name)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-index", "--no-build-isolation", "--wheel-dir", scratch, str(tree)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        built = sorted(Path(scratch).glob("*.whl"))
        if done.returncode or not built:
            lines = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["pip gave no wheel"]
            raise WorkbenchError(f"{source}: no wheel can be made of it ({lines[-1]}); give --workbench WHEEL")
        return built[0].name, built[0].read_bytes()
