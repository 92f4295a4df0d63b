"""Archives that containers send: files alone, below one folder, of a bounded size, whatever the tar says."""

import io
import os
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from workbench.experiments.targets import changed, job_archive
from workbench.experiments.targets.job_archive import BrokenArchiveError

KINDS = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"V", b"M", b"Z"]


def _tar(*entries: tuple[str, bytes, bytes], mode: int = 0o644) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, kind, data in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.mode, entry.linkname = kind, len(data), mode, "../../etc/passwd"
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def _read(data: bytes, folder: Path, **bounds: int) -> list[str]:
    return job_archive.read(io.BytesIO(data), folder, **bounds)


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_left_out_and_told(tmp_path: Path, kind: bytes) -> None:
    told = _read(_tar(("strange", kind, b""), ("ok", tarfile.REGTYPE, b"1")), tmp_path / "in")
    assert _names(tmp_path) == ["in/ok"]
    assert told == [job_archive.no_file("strange")]


@pytest.mark.parametrize(
    "name",
    ["../up", "/abs", "a/../../up", ".git/hooks/pre-commit", "a/.GIT/config", "..", "a//b", "n" * 300, "a/" * 900],
)
def test_a_name_that_leads_elsewhere_is_left_out_and_told(tmp_path: Path, name: str) -> None:
    told = _read(_tar((name, tarfile.REGTYPE, b"evil"), ("ok", tarfile.REGTYPE, b"1")), tmp_path / "in")
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"evil"] in (
        [],
        [tmp_path / "in" / "a" / "b"],  # as tar's own reading has it
    )
    assert "ok" in _names(tmp_path / "in")
    assert len(told) <= 1


def test_nothing_is_written_through_what_came_before(tmp_path: Path) -> None:
    data = _tar(
        ("door", tarfile.SYMTYPE, b""), ("door/file", tarfile.REGTYPE, b"1"), ("a", tarfile.REGTYPE, b"1"),
        ("a/b", tarfile.REGTYPE, b"2"), ("a", tarfile.REGTYPE, b"3"), ("a", tarfile.DIRTYPE, b""),
    )  # fmt: skip
    told = _read(data, tmp_path / "in")
    assert _names(tmp_path) == ["in/a", "in/door/file"]
    assert (tmp_path / "in" / "a").read_bytes() == b"1"
    assert len(told) == 3


def test_no_mode_and_no_owner_comes_along(tmp_path: Path) -> None:
    _read(_tar(("program", tarfile.REGTYPE, b"1"), mode=0o6777), tmp_path / "in")
    assert stat.S_IMODE((tmp_path / "in" / "program").stat().st_mode) & 0o7111 == 0


def test_more_than_is_taken_ends_in_one_line_with_what_came_before(tmp_path: Path) -> None:
    entries = [(f"{number}", tarfile.REGTYPE, b"1" * 100) for number in range(10)]
    with pytest.raises(BrokenArchiveError, match="wrote more than 5 files"):
        _read(_tar(*entries), tmp_path / "few", most=5)
    assert len(_names(tmp_path / "few")) == 5
    with pytest.raises(BrokenArchiveError, match="wrote more than"):
        _read(_tar(*entries), tmp_path / "small", largest=350)
    assert len(_names(tmp_path / "small")) == 3


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_an_endless_header_is_not_read(tmp_path: Path, kind: bytes) -> None:
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = kind, 8 * 1024**3 - 1
    with pytest.raises(BrokenArchiveError, match="has a header of"):
        _read(entry.tobuf(tarfile.GNU_FORMAT) + bytes(4096), tmp_path)


def _header(kind: bytes, data: bytes) -> bytes:
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = kind, len(data)
    return entry.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512)


def _sparse_without_end() -> bytes:
    begun = bytearray(_header(tarfile.GNUTYPE_SPARSE, b""))
    begun[482] = 1  # more of its map follows
    begun[148:156] = b" " * 8
    begun[148:156] = f"{sum(begun[:512]):06o}\0 ".encode()
    more = bytearray(512)
    more[504] = 1
    return bytes(begun) + bytes(more) * 200_000


@pytest.mark.parametrize(
    "headers",
    [
        _header(tarfile.XHDTYPE, b"11 path=ab\n") * 3000,
        _header(tarfile.XGLTYPE, b"11 path=ab\n") * 3000,
        _header(tarfile.GNUTYPE_LONGNAME, b"name\0") * 3000,
        _header(tarfile.GNUTYPE_LONGLINK, b"") * 3000,
        _header(tarfile.XHDTYPE, b"1" * 16_000) * 100,
        _header(tarfile.XHDTYPE, b"1" * 100_000),
        _sparse_without_end(),
    ],
    ids=["pax", "global", "name", "link", "long", "one", "sparse"],
)
@pytest.mark.parametrize("first", [b"", _tar(("first", tarfile.REGTYPE, b"1"))[:1024]], ids=["first", "second"])
def test_headers_without_an_end_are_one_clear_error_and_are_not_read(
    tmp_path: Path, headers: bytes, first: bytes
) -> None:
    stream = io.BytesIO(first + headers)
    with pytest.raises(BrokenArchiveError, match=r"^the archive has (too many |a )?headers? (of|before)"):
        job_archive.read(stream, tmp_path / "in")
    assert stream.tell() < 200_000
    if not first:
        with pytest.raises(BrokenArchiveError, match=r"^the archive has (too many |a )?headers? (of|before)"):
            job_archive.first_file(headers)


def test_a_tracking_file_with_a_hole_as_long_as_a_disk_is_not_read() -> None:
    entry = tarfile.TarInfo("tracking.jsonl")
    entry.pax_headers = {
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x", "GNU.sparse.realsize": str(2**40)
    }  # fmt: skip
    entry.size = 512
    data = entry.tobuf(tarfile.PAX_FORMAT) + b"1\n0\n0\n".ljust(512, b"\0") + bytes(1024)
    assert job_archive.first_file(data) == b""


@pytest.mark.parametrize(
    "data",
    [b"", b"x" * 511, b"\0" * 100, b"\xff" * 4096, _tar(("a", tarfile.REGTYPE, b"1" * 2000))[:1500]],
    ids=["empty", "short", "zeros", "noise", "cut"],
)
def test_what_is_no_tar_or_ends_early_is_one_line(tmp_path: Path, data: bytes) -> None:
    for read in (lambda: _read(data, tmp_path / "in"), lambda: job_archive.first_file(data)):
        try:
            read()
        except BrokenArchiveError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either answer will do


@pytest.mark.parametrize("kind", [*KINDS, tarfile.DIRTYPE])
def test_a_tracking_file_that_is_none_tells_nothing(kind: bytes) -> None:
    assert job_archive.first_file(_tar(("tracking.jsonl", kind, b""))) == b""


def test_what_a_run_left_arrives_with_both_names_of_a_file_and_a_word_of_each_link(tmp_path: Path) -> None:
    project, marker = tmp_path / "project", tmp_path / "marker"
    (project / "deep").mkdir(parents=True)
    marker.touch()
    while marker.stat().st_ctime_ns >= _now(tmp_path):
        pass
    (project / "one").write_text("1")
    (project / "two").hardlink_to(project / "one")
    (project / "link").symlink_to("one")
    (project / "deep" / "folder").symlink_to("/etc")
    os.mkfifo(project / "pipe")
    Path(os.fsdecode(os.fsencode(project) + b"/caf\xe9" + b"x" * 240)).write_text("2")
    command = [sys.executable, "-", str(project), str(marker)]
    done = subprocess.run(command, input=Path(changed.__file__).read_bytes(), capture_output=True, check=True)
    told = _read(done.stdout, tmp_path / "got")
    assert _names(tmp_path / "got") == sorted(["one", "two", "caf\udce9" + "x" * 240])
    assert (tmp_path / "got" / "two").read_text() == "1"
    assert sorted(told) == [job_archive.no_file(name) for name in ("deep/folder", "link", "pipe")]


def _now(folder: Path) -> int:
    """The file system's own time."""
    (folder / "tick").touch()
    return (folder / "tick").stat().st_ctime_ns
