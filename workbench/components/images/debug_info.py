"""What debuggers read in a shared library, left out: all that lies behind the last byte that the loader maps."""

from __future__ import annotations

import struct

# ELF, 64 bits, little-endian: the only kind there is in wheels for our machines; any other stays as it is.
_MAGIC = b"\x7fELF\x02\x01"
_SEGMENT = struct.Struct("<IIQQQQQQ")
# Offsets in ELF's header: where segments are described, in entries of what size and how many; the same for sections.
_SEGMENTS_AT, _SEGMENT_COUNT_AT, _SECTIONS_AT, _SECTION_COUNT_AT = 32, 54, 40, 60


def without_debug_info(library: bytes) -> bytes:
    """Return `library` without the sections that are never loaded, and without the table of sections."""
    if not library.startswith(_MAGIC):
        return library
    (first,) = struct.unpack_from("<Q", library, _SEGMENTS_AT)
    size, count = struct.unpack_from("<HH", library, _SEGMENT_COUNT_AT)
    segments = [_SEGMENT.unpack_from(library, first + number * size) for number in range(count)]
    end = max(offset + length for _, _, offset, _, _, length, _, _ in segments)
    kept = bytearray(library[:end])
    struct.pack_into("<Q", kept, _SECTIONS_AT, 0)
    struct.pack_into("<HH", kept, _SECTION_COUNT_AT, 0, 0)
    return bytes(kept)
