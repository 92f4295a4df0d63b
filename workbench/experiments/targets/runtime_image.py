"""The image of a run's packages: built once for their content, found from then on. Sends files; runs no job."""

import json
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from workbench.core import home
from workbench.core.canonical import canonical_json, sha256_hex
from workbench.experiments.targets import Say, TargetError
from workbench.experiments.targets.engine import Engine
from workbench.registry.manifests import wheels
from workbench.registry.manifests.manifest import PYTHON

DOCKERFILE = Path(__file__).with_name("runtime.Dockerfile")
LABEL = "workbench.runtime"
REPOSITORY = "workbench-runtime"


def base(engine: Engine, chosen: str | None, framework: str, say: Say) -> str:
    """The reference of the image to build on, which the engine holds: the one chosen, else the toolchain's.

    Raises TargetError.
    """
    reference = chosen or _made("spark" if framework == "PySpark" else "debian")
    found = engine.inspect("image", reference)
    if not found and chosen:
        found = _pull(engine, chosen, say)
    if not found:
        _load(engine, reference, say)
    # A tag can move to another image, an id can't; those of the toolchain are named by their recipe.
    return str(found["Id"]) if found and chosen else reference


def tag(base_reference: str, packages_digest: str) -> str:
    """The name that this content deserves."""
    parts = [base_reference, packages_digest, DOCKERFILE.read_text(encoding="utf-8")]
    return f"{REPOSITORY}:{sha256_hex(canonical_json(parts))[:16]}"


def build(engine: Engine, reference: str, base_reference: str, folders: Sequence[Path], say: Say) -> None:
    """Build it with no network from the wheels in `folders`. Raises TargetError or WheelsError."""
    say(f"building {reference} on {base_reference}")
    call = ["build", "--quiet", "--force-rm", "--network", "none", "--tag", reference]
    call += ["--label", f"{LABEL}={reference.partition(':')[2]}"]
    call += ["--build-arg", f"BASE={base_reference}", "--build-arg", f"PYTHON={PYTHON}", "-"]
    with tempfile.TemporaryDirectory(prefix="workbench-build-") as scratch:
        packages = Path(scratch, "packages")
        packages.mkdir()
        for folder in folders:
            _unpack(folder, packages)
        with engine.feeding(*call) as stream:
            _write_context(stream, packages)
    say(f"{reference} is on the engine")


def _unpack(folder: Path, target: Path) -> None:
    """Wheels may share folders between their lists, never files."""
    with tempfile.TemporaryDirectory(prefix="workbench-build-", dir=target.parent) as scratch:
        wheels.unpack(folder, Path(scratch, "one"))
        for path in sorted(Path(scratch, "one").rglob("*")):
            place = target / path.relative_to(Path(scratch, "one"))
            if path.is_file():
                place.parent.mkdir(parents=True, exist_ok=True)
                path.replace(place)


def _write_context(stream: IO[bytes], packages: Path) -> None:
    def owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = 0
        return entry

    with tarfile.open(fileobj=stream, mode="w|") as archive:
        archive.add(DOCKERFILE, "Dockerfile", filter=owned_by_root)
        archive.add(packages, "packages", filter=owned_by_root)


def _pull(engine: Engine, chosen: str, say: Say) -> dict[str, Any] | None:
    say(f"pulling {chosen}")
    try:
        engine.read("pull", "--quiet", chosen)
    except TargetError as error:
        reason = str(error).removeprefix(f"docker pull on {engine.host}: ")
        raise TargetError(
            f"baseDockerImage: {chosen} is not on the engine {engine.host} and cannot be pulled ({reason}); load it "
            "there, name another, or leave the key away to have this project's own"
        ) from error
    return engine.inspect("image", chosen)


def check_java(engine: Engine, image: str, chosen: str | None) -> None:
    """Raises TargetError for an image without a Java runtime, which PySpark needs."""
    call = ["run", "--rm", "--network", "none", "--read-only", "--entrypoint", "java", image, "-version"]
    try:
        engine.read(*call)
    except TargetError as error:
        raise TargetError(
            f"baseDockerImage: {chosen} has no java that runs, which Framework PySpark needs ({error}); name an image "
            "with a Java runtime of 17 or later, or leave the key away to have this project's own"
        ) from error


def _made(key: str) -> str:
    """The toolchain's image of that name."""
    path = home.home() / "images.json"
    try:
        found = json.loads(path.read_bytes())
        return str(found[key])
    except FileNotFoundError as error:
        raise TargetError(f"{path} is missing: the base images are not made yet; run: make engines") from error
    except (ValueError, KeyError, TypeError) as error:
        how = f"run: {_makes(key)}, or name a baseDockerImage"
        raise TargetError(f"{path} names no image {key!r}; {how}") from error


def _makes(name: str) -> str:
    """The command that makes an image of the toolchain."""
    return "make spark" if name == "spark" else "make engines"


def _load(engine: Engine, reference: str, say: Say) -> None:
    """Send an image that the toolchain keeps as a tarball, as another machine's engine needs it."""
    name, _, key = reference.removeprefix("workbench-").partition(":")
    tarball = home.cache() / "images" / f"{name}-{key}.tar"
    if not tarball.is_file():
        how = _makes(name)
        raise TargetError(f"{reference} is neither on the engine {engine.host} nor in {tarball}; run: {how}")
    say(f"sending {reference} to {engine.host}")
    engine.read("load", "--quiet", "--input", str(tarball))
