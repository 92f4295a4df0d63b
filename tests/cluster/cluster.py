"""A running cluster, as tests look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lightkube import Client, KubeConfig


@dataclass(frozen=True)
class Cluster:
    """Known by its kubeconfig."""

    kubeconfig: Path

    @contextmanager
    def client(self) -> Iterator[Client]:
        client = Client(KubeConfig.from_file(self.kubeconfig))
        try:
            yield client
        finally:
            client.close()
