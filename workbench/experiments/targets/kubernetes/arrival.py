"""What a pod sends, taken while it arrives: no more of it than is taken lies anywhere, whoever sends it."""

import contextlib
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self

from workbench.experiments.targets import TargetError, job_archive

_END = bytes(1024)  # of a tar; some programs fill up the last block behind it
_LONGEST_REST = 1024**2


class Arrival:
    """A tar of what a run wrote, unpacked below a folder while its pieces are written to this.

    `refused`: the sender was told to stop, as nobody reads on.
    """

    def __init__(self, folder: Path, largest: int = job_archive.LARGEST, most: int = job_archive.MOST) -> None:
        source, sink = os.pipe()
        self.refused = False
        self._sink = os.fdopen(sink, "wb")
        self._last = b""
        self._left_out: list[str] = []
        self._error: Exception | None = None
        arguments = (os.fdopen(source, "rb"), folder, largest, most)
        self._thread = threading.Thread(target=self._unpack, args=arguments, daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> int:
        """Take the next piece. Raises TargetError when no more is taken."""
        try:
            self._sink.write(data)
            self._sink.flush()
        except BrokenPipeError as error:
            self.refused = True
            raise TargetError("the run sends more than is taken") from error
        self._last = (self._last + data[-len(_END) :])[-len(_END) :]
        return len(data)

    def left_out(self) -> list[str]:
        """What is not kept and why, as `parcel.read` tells it, when all has come. Raises what that raises."""
        if self._error:
            raise self._error
        return self._left_out

    def is_whole(self) -> bool:
        """Whether the tar came to its end: a connection that breaks between two files looks like one."""
        return self._last == _END

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._sink.close()
        self._thread.join()

    def _unpack(self, source: IO[bytes], folder: Path, largest: int, most: int) -> None:
        with source:
            try:
                self._left_out = job_archive.read(source, folder, largest, most)
                if len(source.read(_LONGEST_REST)) == _LONGEST_REST:
                    raise job_archive.BrokenArchiveError("the archive of what the run wrote goes on behind its end")
            except (TargetError, OSError) as error:
                self._error = error


class Bounded:
    """A file that takes no more than `largest` bytes; `over` when it was given more."""

    def __init__(self, file: BinaryIO, largest: int) -> None:
        self.over = False
        self._file, self._left = file, largest

    def write(self, data: bytes) -> int:
        """Take the next piece. Raises TargetError when that is too much."""
        self._left -= len(data)
        if self._left < 0:
            self.over = True
            raise TargetError("the run sends more than is taken")
        return self._file.write(data)
