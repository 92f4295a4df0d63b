"""Where this process is in its life: starting, ready, draining."""

from enum import StrEnum

from workbench.server.service import Service


class Phase(StrEnum):
    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"


class Lifecycle:
    """Goes one way only; `service` is there from READY on."""

    def __init__(self) -> None:
        self.phase = Phase.STARTING
        self.service: Service | None = None

    def ready(self, service: Service) -> None:
        self.phase, self.service = Phase.READY, service

    def drain(self) -> None:
        self.phase = Phase.DRAINING
