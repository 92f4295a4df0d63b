"""What a stack may use of its cluster at most: what its services need while each of them is being replaced. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.core.service_settings import ServiceSettings

# Of this share of a service's pods, rounded up, there may be one more while they are replaced.
SURGE_PERCENT = 25


@dataclass(frozen=True)
class Quota:
    """`cpu` in thousandths of a core, `memory` in MiB."""

    pods: int
    cpu: int
    memory: int

    def hard(self) -> dict[str, str]:
        """As a ResourceQuota spells it; limits equal requests for memory, and for cores too."""
        return {
            "pods": str(self.pods),
            "requests.cpu": f"{self.cpu}m",
            "limits.cpu": f"{self.cpu}m",
            "requests.memory": f"{self.memory}Mi",
            "limits.memory": f"{self.memory}Mi",
        }


def quota(services: Iterable[ServiceSettings]) -> Quota:
    """Sum up twice the pods that run at most: the old ones end while new ones already begin."""
    counted = [(2 * most(service) + surge(most(service)), service) for service in services]
    return Quota(
        pods=sum(pods for pods, _ in counted),
        cpu=sum(pods * millicores(each) for pods, each in counted),
        memory=sum(pods * each.memory for pods, each in counted),
    )


def most(service: ServiceSettings) -> int:
    return service.autoscale_max_replicas or service.replicas


def surge(replicas: int) -> int:
    return -(-replicas * SURGE_PERCENT // 100)


def millicores(service: ServiceSettings) -> int:
    return round(service.cpu * 1000)
