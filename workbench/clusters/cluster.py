"""Which cluster a stack's file means, and talking to it. Declares nothing.

Dynamic providers import this too, so it holds nothing and imports its client late.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.clusters import models

if TYPE_CHECKING:
    from lightkube import Client
    from lightkube.models.core_v1 import Namespace, Node
    from lightkube.models.meta_v1 import ObjectMeta

DEFAULT = "~/.kube/config"
SECONDS = 10.0
NOT_FOUND = 404


class ClusterError(RuntimeError):
    """A cluster that can't be found or reached, or that refuses: one line."""


@dataclass(frozen=True)
class Found:
    """Who a cluster is (the id of its namespace kube-system, which no other has), and a node's address."""

    identity: str
    node: str


@dataclass(frozen=True)
class Cluster:
    """A context by its name; `kubeconfig` is the file as the stack's file spells it, empty for the user's own."""

    kubeconfig: str
    context: str

    @contextmanager
    def client(self) -> Iterator[Client]:
        """Connect. What goes wrong inside is a ClusterError too."""
        import httpx2
        from lightkube import Client
        from lightkube.core.exceptions import ApiError, ConfigError

        models.learn()
        try:
            client = Client(_read(self.kubeconfig).get(self.context), timeout=httpx2.Timeout(SECONDS))
        except (ConfigError, OSError, ValueError, KeyError) as error:
            raise ClusterError(f"the context {self.context!r} of {_named(self.kubeconfig)}: {error}") from error
        try:
            yield client
        except ApiError as error:
            raise ClusterError(f"the cluster of context {self.context!r} refuses: {error.status.message}") from error
        except (httpx2.HTTPError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise ClusterError(f"the cluster of context {self.context!r} cannot be reached: {reason}") from error
        finally:
            client.close()

    def look(self) -> Found:
        """Ask it who it is, and for its oldest node, which will most likely stay. Raises ClusterError."""
        from lightkube.resources.core_v1 import Namespace, Node

        with self.client() as client:
            identity = _metadata(client.get(Namespace, "kube-system")).uid
            nodes = sorted(client.list(Node), key=lambda node: str(_metadata(node).creationTimestamp))
        return Found(str(identity), next((address for address in map(_address, nodes) if address), "127.0.0.1"))


def find(kubeconfig: str, context: str) -> Cluster:
    """Pin the context by name, so that another one being current later changes nothing. Raises ClusterError."""
    from lightkube.core.exceptions import ConfigError

    where = _named(kubeconfig)
    try:
        known = _read(kubeconfig)
    except (ConfigError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClusterError(f"{where} cannot be read as a kubeconfig: {error}") from error
    wanted = context or known.current_context
    names = ", ".join(sorted(known.contexts)) or "none"
    if not wanted:
        raise ClusterError(f"{where} has no current context; set kubeContext to one of: {names}")
    if wanted not in known.contexts:
        raise ClusterError(f"{where} has no context {wanted!r}; it has: {names}")
    return Cluster(kubeconfig, wanted)


def _read(kubeconfig: str) -> Any:  # noqa: ANN401 - lightkube's KubeConfig, which is imported late
    from lightkube import KubeConfig

    return KubeConfig.from_file(_path(kubeconfig))


def _path(kubeconfig: str) -> Path:
    named = kubeconfig or os.environ.get("KUBECONFIG", "").partition(os.pathsep)[0] or DEFAULT
    return Path(named).expanduser()


def _named(kubeconfig: str) -> str:
    return f"kubeconfig {_path(kubeconfig)}"


def _metadata(found: Namespace | Node) -> ObjectMeta:
    if not found.metadata:
        raise ClusterError("the cluster answers with a thing that has no name")
    return found.metadata


def _address(node: Node) -> str:
    """How callers reach a node; "" for one that has no address yet."""
    known = {each.type: each.address for each in (node.status and node.status.addresses) or []}
    return known.get("ExternalIP") or known.get("InternalIP") or ""
