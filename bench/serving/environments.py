"""A virtual environment a server, made by uv from locked requirements and kept. Knows no server."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench.serving.errors import BenchError

# Whose versions say something about speed.
SHOWN = frozenset(
    """bentoml fastapi granian httptools mlflow mlserver mlserver-sklearn msgspec numpy onnxruntime orjson pandas
    scikit-learn starlette uvicorn uvloop""".split()  # noqa: SIM905 - quoted, they are harder to read
)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_MADE = "made"


def cache() -> Path:
    """Where environments and the registry are kept; may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "workbench" / "bench"


def pins(lock: Path) -> dict[str, str]:
    """The versions that a lock file names."""
    return dict(_PIN.findall(lock.read_text(encoding="utf-8")))


def versions(lock: Path) -> dict[str, str]:
    """The versions that are worth telling."""
    return {name: version for name, version in sorted(pins(lock).items()) if name in SHOWN}


def install(lock: Path, say: Callable[[str], None]) -> Path:
    """The interpreter of the environment that holds exactly what `lock` names. Raises BenchError when uv fails."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:8]
    name = "-".join(filter(None, (lock.stem, pins(lock).get(lock.stem), digest)))
    folder = cache() / name
    python = folder / "bin" / "python"
    if (folder / _MADE).exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    say(f"making {folder}")
    uv = [sys.executable, "-m", "uv"]
    _run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)], lock)
    _run([*uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "-r", str(lock)], lock)
    (folder / _MADE).touch()
    return python


def size_mib(python: Path) -> float:
    """The installed files, without what Python compiles from them."""
    files = (path for path in python.parent.parent.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files if "__pycache__" not in path.parts) / 2**20


def _run(command: list[str], lock: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = " ".join(done.stderr.split())[:300] or f"uv ended with {done.returncode}"
        raise BenchError(f"{lock.name}: its environment cannot be made ({reason}); mend the pins or the index")
