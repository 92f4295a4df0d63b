"""Spark for runs: what spark_dependencies.yml sets, and pyspark as a wheel. Starts no Java.

pyspark is published as source only, so its wheel is built once, on this machine, from the source that the hash names.
The builder is pinned and its clock stands still: every machine gets the same bytes.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from workbench.core import atomic_files, grammars, home
from workbench.core.canonical import sha256_file
from workbench.core.errors import WheelsError
from workbench.experiments.configurations import settings_file
from workbench.experiments.configurations.settings_file import LIST, MAPPING
from workbench.registry.manifests.wheels import REQUIREMENTS

VERSION = "4.3.0"
PY4J = "py4j==0.10.9.9"
_BUILDER = "setuptools==84.2.1"
_SHA256 = "e8c517948eff7088a7aa07449aa8eafa4a15a8d50319de2525a6fd26622476c6"
_EPOCH = "315532800"  # 1980, where the clock of zip archives begins
_KEYS = {"configuration": MAPPING, "repositories": LIST, "packages": LIST}
_DEFAULTS = {"spark.master": "local[*]", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
_MISSING = 'write one with the line configuration: {} and, below it, settings such as "spark.driver.memory": "1g"'


def settings(path: Path) -> dict[str, str]:
    """Spark's settings for a run. Raises ConfigurationError, also for packages of Maven: no index of ours has them."""
    found = settings_file.read(path, _KEYS, _MISSING)
    if found.get("packages"):
        first = found.keys["packages"].value[0]
        raise settings_file.ConfigurationError(
            f"{path}: line {first.line}: packages: {first.plain()!r} comes from Maven, which runs can't reach; put its "
            'jar into the project and name it under configuration: "spark.jars"'
        )
    chosen: dict[str, str] = found.get("configuration", {})
    for name, value in chosen.items():
        if not grammars.SPARK_SETTING.fits(name) or not grammars.is_line(value):
            raise found.error(
                "configuration", f"{name!r}: settings are {grammars.SPARK_SETTING.words}, and have one line each"
            )
    return {**_DEFAULTS, **chosen}


def defaults_file(chosen: dict[str, str]) -> str:
    """The text of spark-defaults.conf."""
    lines = [f"{name} {_value(value)}" for name, value in sorted(chosen.items())]
    return "\n".join(lines) + "\n"


def _value(text: str) -> str:
    """A value as Java reads it: behind the name it takes one "=" or ":" for the sign between them."""
    escaped = text.replace("\\", "\\\\")
    return f"\\{escaped}" if escaped.startswith(("=", ":")) else escaped


def wheel(say: Callable[[str], None]) -> Path:
    """The cache's folder with pyspark's wheel and its hash, built if it is not there. Raises WheelsError."""
    folder = home.cache() / "wheels"
    target = folder / f"pyspark-{_SHA256}"
    if target.is_dir():
        return target
    say(f"fetching pyspark {VERSION} (456 MB) and making a wheel of it; this is done once")
    with atomic_files.sibling_folder(folder) as fresh, tempfile.TemporaryDirectory(prefix="workbench-") as scratch:
        pin, builder = Path(scratch, REQUIREMENTS), Path(scratch, "builder.txt")
        builder.write_text(f"{_BUILDER}\n", encoding="utf-8")
        pin.write_text(f"pyspark=={VERSION} --hash=sha256:{_SHA256}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-input"]
        command += ["--no-deps", "--require-hashes", "--wheel-dir", str(fresh), "-r", str(pin)]
        fixed = {"PIP_CONSTRAINT": str(builder), "SOURCE_DATE_EPOCH": _EPOCH}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **fixed})
        built = sorted(fresh.glob("*.whl"))
        if done.returncode or not built:
            lines = [line for line in done.stderr.splitlines() if line.strip()] or ["pip gave no wheel"]
            raise WheelsError(f"pyspark {VERSION}: cannot be had ({lines[-1].strip()}); run it again when mended")
        lock = f"pyspark=={VERSION} --hash=sha256:{sha256_file(built[0])}\n"
        (fresh / REQUIREMENTS).write_text(lock, encoding="utf-8")
        atomic_files.claim(fresh, target)
    return target
