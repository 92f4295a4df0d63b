"""Services behind a real ingress controller: by name and path, with TLS, and updated under load."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from lightkube import Client
from lightkube.resources.core_v1 import Pod, Secret

from tests.authority import Issued, issue
from tests.cluster.cluster import Cluster
from tests.cluster.ingress_controller import ADDRESS, HTTPS_ALONE, controlling
from tests.integration.clients import Clients
from tests.integration.workspace import SERVICE, Workspace
from tests.waiting import until
from workbench.stacks.services import stack_file, stack_inputs

HOST = "models.test"
OTHER = f"{SERVICE}-b"  # its path begins with the other's
SECRET = "models-tls"  # noqa: S105 - a name
CORES = 0.25
ANSWERS = 200
ROLLOUTS = int(os.environ.get("ROLLOUTS", "1"))  # 20 in the long run
NAMED = 'mount --bind "$0" /etc/hosts && exec "$@"'


@pytest.fixture(scope="module", autouse=True)
def _named() -> Iterator[None]:
    """In this process HOST is where the controller listens, as a name server would have it."""
    real = socket.getaddrinfo

    def found(host: Any, *others: Any, **more: Any) -> Any:
        return real(ADDRESS if host == HOST else host, *others, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", found)
        yield


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, trained: Workspace, cluster: Cluster) -> Iterator[Workspace]:
    assert cluster  # destroyed before another file may end the cluster
    made = trained.beside(tmp_path_factory.mktemp("ingress") / "project")
    yield made
    made.destroy()


@pytest.fixture(scope="module")
def stack(workspace: Workspace, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two services of version 1 under one name."""
    with controlling(cluster, tmp_path_factory.mktemp("controller")) as controller:
        made = workspace.new_stack(
            engine="kubernetes",
            kubeconfig=str(cluster.kubeconfig),
            exposure="ingress",
            host=HOST,
            ingressClass=controller,
        )
        manifest = workspace.train(1, made)["manifest"]
        workspace.set_service(made, cpu=CORES)
        stack_inputs.put(workspace.stack_file(made), OTHER, {"manifest": manifest}, {"cpu": CORES})
        workspace.up(made)
        yield made
        workspace.destroy()


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    return issue(tmp_path_factory.mktemp("authority"), HOST)


@pytest.fixture(scope="module")
def trust(issued: Issued) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(issued.authority))


@pytest.fixture(scope="module")
def secured(workspace: Workspace, stack: str, issued: Issued, client: Client) -> str:
    """The stack, once others have put a Secret into its namespace and its file names it."""
    files = {"tls.crt": issued.certificate, "tls.key": issued.key}
    content = {name: base64.b64encode(path.read_bytes()).decode() for name, path in files.items()}
    secret = {"metadata": {"name": SECRET}, "type": "kubernetes.io/tls", "data": content}
    client.create(cast("Secret", Secret.from_dict(secret)), namespace=f"churn-{stack}")
    for key, value in {"tlsSecret": SECRET, "ingressAnnotations": HTTPS_ALONE}.items():
        with stack_file.editing(workspace.stack_file(stack), key) as config:
            config[f"churn:{key}"] = value
    workspace.up(stack)
    return stack


def ask(url: str, trust: ssl.SSLContext | None = None, key: str = "", body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body, on a connection of its own."""
    parts = urlsplit(url)
    made = (
        http.client.HTTPSConnection(str(parts.hostname), context=trust, timeout=10)
        if parts.scheme == "https"
        else http.client.HTTPConnection(str(parts.hostname), timeout=10)
    )
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"} if key else {}
    try:
        made.request("POST" if body else "GET", parts.path, body, headers)
        answer = made.getresponse()
        return answer.status, answer.read()
    finally:
        made.close()


def url_of(service: str, path: str, scheme: str = "http") -> str:
    return f"{scheme}://{HOST}/api/v1/service/{service}/{path}"


def key_of(workspace: Workspace, stack: str, service: str) -> str:
    return (workspace.home / "keys" / "churn" / stack / service / "primary").read_text().strip()


def request_of(workspace: Workspace, stack: str) -> bytes:
    return json.dumps({"input_df": workspace.examples(workspace.service(stack)["manifest"])}).encode()


def named(workspace: Workspace, folder: Path, *command: str, check: bool = True) -> Any:
    """Run a command to which HOST is what it is here; no other process sees it."""
    (folder / "hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} {HOST}\n")
    return workspace.run("unshare", "--mount", "sh", "-c", NAMED, str(folder / "hosts"), *command, check=check)


def test_two_services_answer_under_one_name_each_to_its_own_key(workspace: Workspace, stack: str) -> None:
    body = request_of(workspace, stack)
    keys = {service: key_of(workspace, stack, service) for service in (SERVICE, OTHER)}
    assert workspace.service(stack)["scoringUrl"] == url_of(SERVICE, "score")
    until(lambda: {ask(url_of(service, "swagger.json"))[0] for service in keys} == {200}, 10)

    for service, key in keys.items():
        status, answer = ask(url_of(service, "score"), key=key, body=body)
        assert (status, {row["version"] for row in json.loads(answer)}) == (200, {1})
    for service, key in ((SERVICE, keys[OTHER]), (OTHER, keys[SERVICE]), (SERVICE, "wrong")):
        assert ask(url_of(service, "score"), key=key, body=body)[0] == 401


def test_what_is_no_services_path_gets_to_no_pod(workspace: Workspace, stack: str) -> None:
    key, body = key_of(workspace, stack, SERVICE), request_of(workspace, stack)
    elsewhere = [f"http://{HOST}/", f"http://{HOST}/score", url_of("unknown", "score"), f"http://{ADDRESS}/score"]

    answers = {ask(url, key=key, body=body) for url in elsewhere}

    assert answers == {(404, b"404 page not found\n")}, "as the controller says it, not the server"
    assert ask(url_of(f"{SERVICE}-c", "score"), key=key, body=body)[0] == 404


def test_with_a_secret_callers_use_https_and_no_key_is_taken_in_clear(
    workspace: Workspace, secured: str, trust: ssl.SSLContext
) -> None:
    body = request_of(workspace, secured)
    shown = workspace.service(secured)["scoringUrl"]
    assert shown == url_of(SERVICE, "score", "https")
    assert workspace.outputs(secured)["gateway"] == f"https://{HOST}"
    until(lambda: {ask(url_of(service, "swagger.json"))[0] for service in (SERVICE, OTHER)} == {404}, 10)

    for service in (SERVICE, OTHER):
        key = key_of(workspace, secured, service)
        assert ask(url_of(service, "score", "https"), trust, key, body)[0] == 200
        assert ask(url_of(service, "score"), key=key, body=body)[0] == 404


def test_the_command_line_calls_by_https_and_tells_a_certificate_that_nobody_trusts(
    workspace: Workspace, secured: str, issued: Issued, tmp_path: Path
) -> None:
    run = ["workbench", "service", "run", "-n", SERVICE, "-s", secured, "--sample", "1", "-o", "json"]

    refused = named(workspace, tmp_path, *run, check=False)
    scored = named(workspace, tmp_path, "env", f"SSL_CERT_FILE={issued.authority}", *run)
    usage = workspace.workbench("service", "usage", "-n", SERVICE, "-s", secured).out

    assert (refused.code, len(refused.err.splitlines())) == (1, 1), refused.err
    assert "certificate is not trusted" in refused.err
    assert [row["version"] for row in json.loads(scored.out)] == [1]
    assert usage.strip().endswith(url_of(SERVICE, "score", "https"))


def test_through_an_update_to_the_old_pods_end_no_request_fails_and_the_url_stays(
    workspace: Workspace, secured: str, trust: ssl.SSLContext, client: Client
) -> None:
    def alone() -> bool:
        """Whether the old pod, which leaves after `up`, is gone."""
        return len(list(client.list(Pod, namespace=f"churn-{secured}", labels={"workbench.service": SERVICE}))) == 1

    before, key = workspace.service(secured), workspace.key(secured)
    first = workspace.stack_file(secured).read_text()
    second = workspace.train(2, secured)
    pins = [workspace.stack_file(secured).read_text(), first]
    rows = workspace.examples(before["manifest"])

    with Clients(before["scoringUrl"], key, rows, count=4, trust=trust) as clients:
        for update in range(ROLLOUTS):
            workspace.stack_file(secured).write_text(pins[update % 2])
            workspace.up(secured)
            until(alone, 60)
            clients.wait_for_answers(ANSWERS)

    assert clients.tally.failures == {}
    assert set(clients.tally.versions) == {1, second["version"]}
    assert workspace.service(secured)["scoringUrl"] == before["scoringUrl"]
    workspace.pulumi("up", "-s", secured, "--yes", "--skip-preview", "--expect-no-changes")
