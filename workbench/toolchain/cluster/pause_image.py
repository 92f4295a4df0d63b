"""The image that every pod begins with: one small program, packed by hand, since no registry is in reach."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING

from workbench.toolchain.cluster.layout import PAUSE
from workbench.toolchain.machine import go_architecture

if TYPE_CHECKING:
    from pathlib import Path

_NOBODY = "65535:65535"


def write_pause_image(program: Path, target: Path) -> None:
    """Write an archive as `docker save` does."""
    layer = _tar({"pause": (program.read_bytes(), 0o755)})
    configuration = json.dumps(
        {
            "architecture": go_architecture(),
            "os": "linux",
            "config": {"Entrypoint": ["/pause"], "User": _NOBODY},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()
    name = f"{hashlib.sha256(configuration).hexdigest()}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": [PAUSE], "Layers": ["layer.tar"]}]).encode()
    files = {"manifest.json": manifest, name: configuration, "layer.tar": layer}
    target.write_bytes(_tar({path: (content, 0o644) for path, content in files.items()}))


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
