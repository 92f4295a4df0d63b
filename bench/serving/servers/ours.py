"""Our scoring server as its image runs it: locked dependencies, one manifest's files, keys, every check, its log."""

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping

from bench.serving.server import TREE, Server
from bench.serving.subject import SERVICE
from workbench.registry.manifests import manifest

REQUIREMENTS = TREE / "requirements" / "scoring.txt"


class Ours(Server):
    name = "ours"
    lock = REQUIREMENTS

    def prepare(self, ours: Mapping[int, bytes]) -> None:
        del ours
        made = self.subject.manifest
        shutil.copytree(made.files, self.folder / "service")
        shutil.copyfile(made.folder / manifest.RECORD, self.folder / "service" / manifest.RECORD)
        key = secrets.token_urlsafe(32)
        hashes = {"primary": _sha256(key), "secondary": _sha256(secrets.token_urlsafe(32))}
        (self.folder / "keys").mkdir()
        (self.folder / "keys" / f"{SERVICE}.json").write_text(json.dumps(hashes), encoding="utf-8")
        self.headers["Authorization"] = f"Bearer {key}"

    def command(self, ports: list[int]) -> list[str]:
        del ports
        return [str(self.python), "-m", "workbench.server"]

    def environment(self, ports: list[int]) -> dict[str, str]:
        return {
            "PYTHONPATH": str(TREE),
            "SCORING_SERVICE": SERVICE,
            "SCORING_PORT": str(ports[0]),
            "SCORING_FOLDER": str(self.folder / "service"),
            "SCORING_KEYS": str(self.folder / "keys"),
            "SCORING_DRAIN_SECONDS": "0",
        }

    def path(self, rows: int) -> str:
        del rows
        return "/score"

    def probabilities(self, answer: bytes) -> list[float]:
        return [row["probability"] for row in json.loads(answer)]


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
