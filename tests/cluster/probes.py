"""Where connections begin and end: in pods, and in a container that is no part of the cluster."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import docker
from lightkube import Client
from lightkube.resources.core_v1 import Pod

from tests.waiting import until
from workbench.toolchain.cluster.layout import POD_NETWORK
from workbench.toolchain.kernel import call, must

USER = 10001
NAME_LABEL = "probe"
# Ports are its arguments. It answers posts as a trace collector does.
LISTEN = """
import http.server, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
for port in sys.argv[1:]:
    server = http.server.ThreadingHTTPServer(("", int(port)), Handler)
    threading.Thread(target=server.serve_forever).start()
"""
# A program, and its arguments, that goes on when what began it has ended.
BESIDE = """
import subprocess, sys
subprocess.Popen(["python3", "-c", *sys.argv[1:]], stdin=-3, stdout=-3, stderr=-3, start_new_session=True)
"""
REACH = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def reached(address):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), 2).close()
    except OSError:
        return False
    return True
addresses = json.loads(sys.argv[1])
with ThreadPoolExecutor(len(addresses)) as pool:
    answers = pool.map(reached, addresses.values())
    print(json.dumps([name for name, answer in zip(addresses, answers) if answer]))
"""
POST = """
import sys, urllib.error, urllib.request
url, key, body = sys.argv[1:]
headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json"}
try:
    print(urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers), timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
_NETWORK_NAMESPACE = 0x40000000  # CLONE_NEWNET


@dataclass(frozen=True)
class Probe:
    """A place with an address, where `run` gives what a Python program prints."""

    address: str
    run: Callable[..., str]

    def reached(self, addresses: Mapping[str, str]) -> set[str]:
        """Those of `addresses`, by name, that accept a connection from here."""
        return set(json.loads(self.run(REACH, json.dumps(addresses))))

    def post(self, url: str, key: str, body: str) -> int:
        return int(self.run(POST, url, key, body))

    def listen(self, port: int) -> None:
        self.run(BESIDE, LISTEN, str(port))


def of_pod(client: Client, namespace: str, name: str) -> Probe:
    """In a pod that runs."""

    def run(program: str, *arguments: str) -> str:
        command = ["python3", "-c", program, *arguments]
        done = client.exec(name, namespace=namespace, command=command, stdout=True, stderr=True, raise_on_error=True)
        return str(done.stdout)

    status = client.get(Pod, name, namespace=namespace).status
    assert status
    return Probe(str(status.podIP), run)


def listening_pod(client: Client, namespace: str, name: str, image: str, *ports: int) -> Probe:
    """A pod of the standard `restricted`, and no service's by its labels."""
    size = {"cpu": "100m", "memory": "64Mi"}
    container = {
        "name": "probe",
        "image": image,
        "command": ["python3", "-c", LISTEN, *map(str, ports)],
        "resources": {"requests": size, "limits": size},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    spec: dict[str, Any] = {
        "containers": [container],
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    client.create(
        cast("Pod", Pod.from_dict({"metadata": {"name": name, "labels": {NAME_LABEL: name}}, "spec": spec})),
        namespace=namespace,
    )

    def runs() -> bool:
        status = client.get(Pod, name, namespace=namespace).status
        return bool(status and status.phase == "Running" and status.podIP)

    until(runs, 60)
    return of_pod(client, namespace, name)


@dataclass(frozen=True)
class Outside(Probe):
    """One in a container of the docker engine, whose first process is `pid`."""

    pid: int

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread, and those that it begins, have the container's network until the end of the block."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/thread-self/ns/net").open() as here, Path(f"/proc/{self.pid}/ns/net").open() as there:
            try:
                _enter(libc, there.fileno())
                yield
            finally:
                _enter(libc, here.fileno())


@contextmanager
def outside(engine: docker.DockerClient, image: str, *ports: int) -> Iterator[Outside]:
    """A container beside the cluster that pods may reach: a home's engine lets others in by published ports alone."""
    container = engine.containers.run(image, ["python3", "-c", LISTEN, *map(str, ports)], detach=True)
    opened: list[str] = []
    try:
        container.reload()
        address = container.attrs["NetworkSettings"]["IPAddress"]
        opened += ["FORWARD", "--source", POD_NETWORK, "--destination", address, "--jump", "ACCEPT"]
        must("iptables", "--wait", "--table", "mangle", "--insert", *opened)

        def run(program: str, *arguments: str) -> str:
            code, said = container.exec_run(["python3", "-c", program, *arguments])
            text = cast("bytes", said).decode()
            assert code == 0, text
            return text

        state = container.attrs
        yield Outside(state["NetworkSettings"]["IPAddress"], run, state["State"]["Pid"])
    finally:
        if opened:
            call("iptables", "--wait", "--table", "mangle", "--delete", *opened)
        container.remove(force=True, v=True)


def _enter(libc: ctypes.CDLL, namespace: int) -> None:
    if libc.setns(namespace, _NETWORK_NAMESPACE):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
