from __future__ import annotations

import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.debian import merged, private_apt, write_root
from workbench.toolchain.errors import CommandError
from workbench.toolchain.process import Log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("packaged", "placed"),
    [
        ("./bin/sh", "usr/bin/sh"),
        ("./lib64/ld-linux.so.2", "usr/lib64/ld-linux.so.2"),
        ("./usr/bin/env", "usr/bin/env"),
        ("./library/x", "library/x"),
        ("./bin/", "bin"),
        ("./", ""),
        ("./.hidden", ".hidden"),
    ],
)
def test_paths_are_mapped_to_a_merged_usr(packaged: str, placed: str) -> None:
    assert merged(packaged) == placed


def _package(folder: Path) -> Path:
    root = folder / "root"
    for name, text in (("bin/hello", "#!/bin/sh\n"), ("usr/share/man/man1/hello.1", "x"), ("etc/hello", "y")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "bin/again").hardlink_to(root / "bin/hello")
    (root / "DEBIAN").mkdir()
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # whatever the person's umask is
    (root / "bin/hello").chmod(0o4755)
    control = "Package: hello\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: x\n"
    (root / "DEBIAN/control").write_text(control)
    archive = folder / "hello.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", root, archive], check=True, capture_output=True)
    return archive


def test_a_root_keeps_owners_modes_and_links_and_leaves_manuals_out(tmp_path: Path) -> None:
    write_root([_package(tmp_path)], tmp_path / "root.tar")
    with tarfile.open(tmp_path / "root.tar") as root:
        entries = {entry.name: entry for entry in root}
    assert entries["bin"].linkname == "usr/bin"
    hello = entries["usr/bin/hello"] if entries["usr/bin/hello"].isreg() else entries["usr/bin/again"]
    linked = entries["usr/bin/again"] if hello.name == "usr/bin/hello" else entries["usr/bin/hello"]
    assert (hello.mode, hello.uid, hello.gid) == (0o4755, 0, 0)
    assert linked.linkname == hello.name
    assert "etc/hello" in entries
    assert entries["var/lib/dpkg/status"].size == 0
    assert not [name for name in entries if name.startswith("usr/share/man/")]


def test_a_broken_package_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.deb").write_text("no package")
    with pytest.raises((CommandError, tarfile.ReadError)):
        write_root([tmp_path / "broken.deb"], tmp_path / "root.tar")


@pytest.mark.engines
def test_a_private_apt_runs_no_hook_of_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = f'APT::Update::Post-Invoke {{ "touch {tmp_path}/ran"; }};\n'
    (tmp_path / "host.conf").write_text(hook)
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "host.conf"))
    with private_apt(Log("apt", tmp_path / "apt.log"), "bookworm"):
        pass
    assert not (tmp_path / "ran").exists()
