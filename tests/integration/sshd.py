"""An ssh server of a test's own on loopback, unpacked from Debian's package: its keys, its port, its end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.programs import running

_PACKAGES = ("openssh-server", "libwrap0")


@dataclass(frozen=True)
class Server:
    """Where it listens, and a folder whose `ssh` knows its key: put it first on PATH."""

    address: str
    clients: Path


@contextmanager
def serve(folder: Path, port: int, docker_host: str) -> Iterator[Server]:
    """Serve this machine's root by key alone; over there DOCKER_HOST is `docker_host`."""
    folder.mkdir(parents=True)
    program, libraries = _unpack(folder)
    for key in ("host", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True)
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/client.pub\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\nPidFile none\n"
        f"SetEnv DOCKER_HOST={docker_host} PATH=/usr/bin:/bin\nMaxStartups 100\n"
    )
    _write_client(folder)
    # The user that sshd drops to, and the folder it then sits in, exist in its own mount namespace alone.
    (folder / "passwd").write_text(_passwd())
    (folder / "run" / "sshd").mkdir(parents=True)
    mounts = f"mount --bind {folder}/passwd /etc/passwd && mount --bind {folder}/run /run"
    script = f"{mounts} && exec {program} -D -e -f {folder}/sshd_config"
    command = ["unshare", "--mount", "sh", "-c", script]
    environment = {**os.environ, "LD_LIBRARY_PATH": str(libraries)}
    with running(command, folder / "log", lambda: _listens(port), environment=environment):
        yield Server(f"127.0.0.1:{port}", folder / "bin")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _unpack(folder: Path) -> tuple[Path, Path]:
    """The server's program and the folder of the library that only it needs."""
    command = ["apt-get", "-o", "APT::Sandbox::User=root", "download", *_PACKAGES]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"openssh-server cannot be had: {done.stderr}; run apt-get update"
    for archive in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", str(archive), str(folder / "root")], check=True)
    (library,) = (folder / "root").rglob("libwrap.so.0")
    return folder / "root" / "usr" / "sbin" / "sshd", library.parent


def _write_client(folder: Path) -> None:
    (folder / "ssh_config").write_text(
        f"Host 127.0.0.1\n  IdentityFile {folder}/client\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {folder}/known\n  StrictHostKeyChecking accept-new\n"
    )
    (folder / "bin").mkdir()
    script = folder / "bin" / "ssh"
    script.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n')
    script.chmod(0o755)


def _passwd() -> str:
    known = Path("/etc/passwd").read_text()
    return known if "\nsshd:" in known else f"{known}sshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n"
