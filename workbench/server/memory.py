"""Settles a process that has loaded all it needs, so that no request pays for what lies in memory already.

The collector would walk the same hundred thousand objects of numpy and the model again and again, and the C library
would give the top of the heap back after one request and fetch it, page by page, for the next.
"""

import ctypes
import gc
from typing import Final

# Of new objects that may be garbage, those that hold each other; the rest goes without the collector.
YOUNG_OBJECTS: Final = 50_000
M_TRIM_THRESHOLD, M_TOP_PAD = -1, -2
KEPT_BYTES, FETCHED_BYTES = 64 * 1024 * 1024, 1024 * 1024


def settle() -> None:
    """Take what is alive now for granted; collect what comes later, less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # glibc's own; musl has none and needs none
        library.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        library.mallopt(M_TOP_PAD, FETCHED_BYTES)


def give_back() -> None:
    """Return freed memory to the system. Takes milliseconds: for after an attack, not after a request."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
