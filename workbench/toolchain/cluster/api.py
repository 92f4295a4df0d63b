"""The few questions that starting and ending a cluster puts to its API server; everything else is a client's."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.toolchain.cluster.layout import Layout

_SECONDS = 10.0
_OWNERS = ("deployments", "replicasets", "statefulsets", "daemonsets")
_JOBS = ("cronjobs", "jobs")
# Not 0: then the object is gone at once, and the kubelet ends the containers in its own time, with their networks.
# Orphan: else the collector of garbage is the first to ask, and grants the grace that the pod asks for.
_AT_ONCE = {"gracePeriodSeconds": 1, "propagationPolicy": "Orphan"}


class Api:
    """The API server, asked as its administrator."""

    def __init__(self, here: Layout, port: int) -> None:
        """Trust the cluster's own authority alone."""
        context = ssl.create_default_context(cafile=str(here.authority))
        context.load_cert_chain(here.certificates / "admin.crt", here.certificates / "admin.key")
        self._address = f"https://{here.address}:{port}/"
        handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def is_ready(self) -> bool:
        return self._ask("GET", "readyz") == b"ok"

    def node_is_ready(self, name: str) -> bool:
        """Say whether pods can be run now: the node is ready, and the account that they run by is there."""
        node = json.loads(self._ask("GET", f"api/v1/nodes/{name}") or b"{}")
        conditions = node.get("status", {}).get("conditions", [])
        ready = any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
        return ready and self._ask("GET", "api/v1/namespaces/default/serviceaccounts/default") is not None

    def delete_workloads(self) -> None:
        """Ask for the end of everything that people run, at once."""
        for namespace in self._names("api/v1/namespaces"):
            for owner in _OWNERS:
                self._ask("DELETE", f"apis/apps/v1/namespaces/{namespace}/{owner}", _AT_ONCE)
            for job in _JOBS:
                self._ask("DELETE", f"apis/batch/v1/namespaces/{namespace}/{job}", _AT_ONCE)

    def delete_pods(self) -> bool:
        """Ask for the end of the pods there are, also of those an owner made while it went; return whether any are."""
        namespaces = {each["namespace"] for each in self._metadata("api/v1/pods")}
        for namespace in namespaces:
            self._ask("DELETE", f"api/v1/namespaces/{namespace}/pods", _AT_ONCE)
        return bool(namespaces)

    def _names(self, path: str) -> list[str]:
        return [each["name"] for each in self._metadata(path)]

    def _metadata(self, path: str) -> list[dict[str, Any]]:
        answer = json.loads(self._ask("GET", path) or b"{}")
        return [each["metadata"] for each in answer.get("items", [])]

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes | None:
        """Return the answer, or None if there is none or a refusal."""
        content = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"} if content else {}
        request = urllib.request.Request(self._address + path, content, headers, method=method)  # noqa: S310 - https
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return bytes(answer.read())
        except (urllib.error.URLError, OSError):
            return None


def wait_until(condition: Callable[[], bool], seconds: float, check: Callable[[], None] = lambda: None) -> bool:
    """Return whether the condition came true in time; `check` may raise before each look."""
    deadline = time.monotonic() + seconds
    while True:
        check()
        if condition():
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
