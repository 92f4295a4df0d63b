"""Every physical name and label of a stack. Pure."""

from __future__ import annotations

from dataclasses import dataclass

API_PATH = "/api/v1/service"
SCORING_PORT = 8000
KEYS_FOLDER = "/run/workbench/keys"
SERVICE_LABEL, RELEASE_LABEL = "workbench.service", "workbench.release"
SERVER_USER = "10001:10001"


@dataclass(frozen=True)
class Names:
    """Names of one stack on an engine that others may share."""

    project: str
    stack: str

    @classmethod
    def made_with(cls, project: str, stack: str, boundary: str | None) -> Names:
        """Return the names that a stack was made with; `boundary` is its prefix then, None before the first `up`.

        Under the present name of a renamed stack everything would be replaced, its keys and volumes too.
        """
        begins = f"{project}-"
        first = boundary.removeprefix(begins) if boundary and boundary.startswith(begins) else ""
        return cls(project, first or stack)

    @property
    def prefix(self) -> str:
        return f"{self.project}-{self.stack}"

    @property
    def labels(self) -> dict[str, str]:
        return {"workbench.project": self.project, "workbench.stack": self.stack}

    def of(self, *parts: str) -> str:
        return "-".join((self.prefix, *parts))

    def release_host(self, service: str, release: str, replica: int) -> str:
        """Name of one container of a release; also its name on the stack's network."""
        return self.of(service, release, str(replica))


def service_path(service: str) -> str:
    return f"{API_PATH}/{service}"
