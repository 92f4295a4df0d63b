"""Archives of every kind of member, in every form, whole and broken: only plain files below the folder, or one line.

300 archives. FUZZ_EXAMPLES in the environment is their number for a long run, FUZZ_SEED another beginning.
"""

import io
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

from tests.core.junk import EXAMPLES, SEED, TEXTS, Junk
from workbench.experiments.targets import TargetError, job_archive

CASES = EXAMPLES or 300
KINDS = [
    *(getattr(tarfile, f"{name}TYPE") for name in ("REG", "REG", "REG", "AREG", "DIR", "SYM", "LNK", "CHR", "BLK"))
]
KINDS += [tarfile.FIFOTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE]
KINDS += [b"V", b"7", b"Z"]
FORMS = [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]
HEADERS = ["path", "linkpath", "size", "hdrcharset", "mtime"]
HEADERS += [f"GNU.sparse.{name}" for name in ("major", "map", "size", "name")]
NAMES = [name for name in TEXTS if "\ud800" not in name] + [
    "a",
    "a/b",
    "a/b/c",
    "link",
    "link/x",
    "model.pkl",
    "a" * 250,
]


def _entry(junk: Junk) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(junk.choice(NAMES))
    entry.type, entry.mode = junk.choice(KINDS), junk.choice((0o644, 0o6777, 0o1000, 0))
    entry.linkname = junk.choice(("..", "/etc", "/etc/passwd", "a", "../outside", ""))
    data = b"x" * junk.choice((0, 1, 511, 512, 513, 3000))
    entry.size = len(data)
    if junk.random() < 0.15:
        entry.pax_headers = {
            junk.choice(HEADERS): junk.choice([*NAMES, "1", "-5", "0,5", "BINARY", "99999999999999999999"])
        }
    return entry, data


def _archive(junk: Junk) -> bytes:
    stream = io.BytesIO()
    form = junk.choice(FORMS)
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for _ in range(junk.randrange(6)):
            entry, data = _entry(junk)
            try:
                archive.addfile(entry, io.BytesIO(data))
            except (ValueError, UnicodeError, OverflowError):
                continue  # this form can't say it
    made = bytearray(stream.getvalue().rstrip(b"\0") + bytes(junk.choice((0, 100, 1024))))
    if junk.random() < 0.3 and made:
        for _ in range(junk.randint(1, 6)):
            place = junk.randrange(len(made))
            made[place] = junk.randrange(256)
            if junk.random() < 0.7:
                _sign(made, place - place % 512)
    return bytes(made[: junk.randrange(len(made) + 1)] if junk.random() < 0.1 else made)


def _sign(made: bytearray, start: int) -> None:
    """Put the right checksum into a header, so that what was changed is read."""
    if start + 512 <= len(made):
        total = sum(made[start : start + 148]) + 256 + sum(made[start + 156 : start + 512])
        made[start + 148 : start + 156] = f"{total:06o}\0 ".encode()


def _read(act: Callable[[], object], case: int, data: bytes) -> None:
    try:
        act()
    except TargetError as error:
        told = str(error)
    except Exception as error:
        raise AssertionError(f"case {case}: {data!r}") from error
    else:
        return
    assert "\n" not in told, (case, data)


def test_no_archive_writes_anything_but_plain_files_below_its_folder(tmp_path: Path) -> None:
    junk = Junk(SEED)
    (tmp_path / "outside").mkdir()
    files = 0
    for case in range(CASES):
        data = _archive(junk)
        folder = tmp_path / "in" / str(case)
        folder.mkdir(parents=True)
        _read(lambda: job_archive.read(io.BytesIO(data), folder, largest=1 << 20, most=100), case, data)  # noqa: B023 - at once
        for place, folders, names in os.walk(folder, topdown=False):
            for path in (Path(place, name) for name in names):
                mode = path.lstat().st_mode
                assert stat.S_ISREG(mode), (case, data)
                assert not mode & 0o7111, (case, data)
                files += 1
                path.unlink()
            for name in folders:
                Path(place, name).rmdir()
        folder.rmdir()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "outside"], (case, data)
        assert not list((tmp_path / "outside").iterdir()), (case, data)
        assert not list((tmp_path / "in").iterdir()), (case, data)
    assert files > CASES / 10


def test_no_archive_of_a_tracking_file_ends_in_a_traceback() -> None:
    junk = Junk(SEED + 1)
    for case in range(CASES):
        data = _archive(junk)
        _read(lambda: job_archive.first_file(data), case, data)  # noqa: B023 - at once
