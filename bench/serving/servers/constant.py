"""The web server that ours stands on, answering as many bytes as ours without a look at what was asked."""

from collections.abc import Mapping

from bench.serving.server import PROGRAMS, TREE, Server
from bench.serving.servers.ours import REQUIREMENTS


class Constant(Server):
    name = "constant"
    lock = REQUIREMENTS

    def prepare(self, ours: Mapping[int, bytes]) -> None:
        for rows, answer in ours.items():
            (self.folder / str(rows)).write_bytes(answer)

    def command(self, ports: list[int]) -> list[str]:
        return [str(self.python), str(PROGRAMS / "constant.py"), str(ports[0]), str(self.folder)]

    def environment(self, ports: list[int]) -> dict[str, str]:
        del ports
        return {"PYTHONPATH": str(TREE)}

    def path(self, rows: int) -> str:
        return f"/{rows}"

    def probabilities(self, answer: bytes) -> None:
        del answer
