"""Change a record as an attacker would; read all files of a folder."""

import json
from pathlib import Path
from typing import Any


def change_record(record: Path, **fields: Any) -> None:
    known = json.loads(record.read_bytes())
    record.write_text(json.dumps({**known, **fields}))


def all_files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
