from __future__ import annotations

import hashlib
import io
import socket
import tarfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.errors import ChecksumError, MissingError
from workbench.toolchain.vendor import checksum_of, download, published_checksum

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve a folder with an archive and its checksums; yields the URL and the folder."""
    folder = tmp_path / "vendor"
    folder.mkdir()
    with tarfile.open(folder / "pulumi.tar.gz", "w:gz") as archive:
        for name in ("pulumi/pulumi", "pulumi/../../escape", "pulumi/README"):
            entry = tarfile.TarInfo(name)
            entry.size = 4
            archive.addfile(entry, io.BytesIO(b"#!ok"))
    digest = hashlib.sha256((folder / "pulumi.tar.gz").read_bytes()).hexdigest()
    (folder / "sums").write_text(f"{'0' * 64}  other.tar.gz\n{digest}  pulumi.tar.gz\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


def _pin(folder: Path) -> str:
    return hashlib.sha256((folder / "pulumi.tar.gz").read_bytes()).hexdigest()


def test_an_archive_that_is_the_pinned_one_is_unpacked_and_can_be_run(vendor: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = vendor
    download(f"{url}/pulumi.tar.gz", _pin(folder), ["pulumi"], tmp_path / "into")
    assert [path.name for path in (tmp_path / "into").iterdir()] == ["pulumi"]
    assert (tmp_path / "into" / "pulumi").stat().st_mode & 0o111


def test_an_archive_that_the_vendor_publishes_with_new_checksums_is_refused_before_it_is_unpacked(
    vendor: tuple[str, Path], tmp_path: Path
) -> None:
    url, folder = vendor
    pinned = _pin(folder)
    (folder / "pulumi.tar.gz").write_bytes(b"another")
    (folder / "sums").write_text(f"{_pin(folder)}  pulumi.tar.gz\n")
    with pytest.raises(ChecksumError, match=f"pinned is {pinned}"):
        download(f"{url}/pulumi.tar.gz", pinned, ["pulumi"], tmp_path / "into")
    assert list((tmp_path / "into").iterdir()) == []


def test_an_archive_without_the_wanted_file_is_refused(vendor: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = vendor
    with pytest.raises(MissingError, match="lacks pulumi-language-python"):
        download(f"{url}/pulumi.tar.gz", _pin(folder), ["pulumi", "pulumi-language-python"], tmp_path / "into")


def test_a_vendor_out_of_reach_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, yet nobody listens
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(MissingError, match="refused") as caught:
            download(f"{url}/a.tar.gz", "0" * 64, ["a"], tmp_path / "into")
        with pytest.raises(MissingError, match=r"refused.*; pin on a machine that reaches the vendor"):
            published_checksum(f"{url}/a.tar.gz", f"{url}/sums")
    assert "\n" not in str(caught.value)


def test_what_is_pinned_is_what_the_vendor_publishes(vendor: tuple[str, Path]) -> None:
    url, folder = vendor
    assert published_checksum(f"{url}/pulumi.tar.gz", f"{url}/sums") == _pin(folder)
    (folder / "sums").write_text("")
    with pytest.raises(ChecksumError, match=r"do not name pulumi\.tar\.gz"):
        published_checksum(f"{url}/pulumi.tar.gz", f"{url}/sums")


def test_checksums_are_read_in_both_notations_of_sha256sum() -> None:
    assert checksum_of("AA  a.tar.gz\nbb *b.tar.gz\n", "a.tar.gz") == "aa"
    assert checksum_of("AA  a.tar.gz\nbb *b.tar.gz\n", "b.tar.gz") == "bb"
