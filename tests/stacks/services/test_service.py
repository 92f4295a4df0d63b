import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main
from workbench.core.errors import ServiceError
from workbench.registry.manifests import manifest
from workbench.stacks.services import service, stack_inputs
from workbench.stacks.services.request import Request

STATE = {
    "service": "churnpred",
    "image": "127.0.0.1:5000/churnpred@sha256:" + "d" * 64,
    "manifest": "sha256:" + "e" * 64,
    "models": ["churn [Ver. 1]"],
    "servers": [{"host": "churnpred-1", "weight": 256}],
    "__provider": "never shown",
}
ITEMS = {"type": "object", "properties": {"age": {"type": "integer"}}}
SCHEMA = {"input": {"input_df": {"type": 3, "swagger": {"type": "array", "items": ITEMS}}}}
ANSWER = {"prediction": 0, "probability": 0.083, "model": "churn", "version": 1}


def _rows(*rows: dict[str, Any]) -> Request:
    return Request(json.dumps({"input_df": rows}).encode())


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as handover.md says; `status` and `body` override it."""

    status = 200
    body: bytes | None = None
    seen: list[tuple[str, str | None]]

    def do_POST(self) -> None:
        rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input_df"]
        self.seen.append((self.path, self.headers["Authorization"]))
        body = json.dumps([ANSWER] * len(rows)).encode() if self.body is None else self.body
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


@pytest.fixture
def handler() -> Iterator[tuple[type[Handler], int]]:
    kind = type("OneTest", (Handler,), {"seen": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield kind, server.server_port
        server.shutdown()


def _write_state(folder: Path, *routes: dict[str, Any]) -> None:
    kind = "pulumi-python:dynamic/infra:GatewayRoute"
    resources: list[dict[str, Any]] = [{"type": "pulumi:pulumi:Stack", "outputs": {"services": {}}}]
    resources += [{"type": kind, "outputs": {"service": "churnpred", "scoringUrl": "old"}, "delete": True}]
    resources += [{"type": kind, "outputs": route} for route in routes]
    (folder / "state.json").write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))


@pytest.fixture
def stack(
    project: Path, home: Path, tmp_path: Path, handler: tuple[type[Handler], int], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A program named pulumi that exports the state of the stack `staging` and refuses other stacks."""
    keys = home / "keys" / "churn" / "staging" / "churnpred"
    keys.mkdir(parents=True)
    (keys / "primary").write_text("k" * 43 + "\n")
    (keys / "primary").chmod(0o600)
    _write_state(tmp_path, {**STATE, "scoringUrl": f"http://127.0.0.1:{handler[1]}/api/v1/service/churnpred/score"})
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\ntest -f Pulumi.yaml || exit 9\n"
        f'[ "$1 $2" = "stack export" ] && for last; do :; done\n'
        f'[ "$last" = staging ] && exec cat {tmp_path}/state.json\n'
        f"echo \"error: no stack named '$last' found\" >&2; exit 255\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.chdir(project / "scoring")
    return tmp_path


def test_rows_are_posted_with_the_key_and_answered_in_order(stack: Path, handler: tuple[type[Handler], int]) -> None:
    assert stack.is_dir()
    assert service.find("staging", "churnpred").call(_rows({"age": 1}, {"age": 2})).value == [ANSWER, ANSWER]
    assert handler[0].seen == [("/api/v1/service/churnpred/score", "Bearer " + "k" * 43)]


@pytest.fixture
def known(stack: Path, home: Path, handler: tuple[type[Handler], int]) -> Path:
    """The folder of `stack`, whose service runs a manifest that is at hand."""
    parts = {"score.py": "", "requirements.txt": "", "schema.json": json.dumps(SCHEMA)}
    for name, text in parts.items():
        (stack / name).write_text(text)
    made = manifest.create(
        "churnpred",
        [],
        score=stack / "score.py",
        schema=stack / "schema.json",
        requirements=stack / "requirements.txt",
        root=home / "registry",
    )
    _write_state(stack, {**STATE, "scoringUrl": f"http://127.0.0.1:{handler[1]}/score", "manifest": made.id})
    return stack


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, b'{"error": {"code": "x", "message": "column age is not a number"}}', "400: column age is not a number"),
        (502, b"<html>\nBad gateway", "502: <html>"),
        (307, b"", "307: nothing"),
        (200, b"oops", "200 with what is not JSON"),
        (200, b"[" * 100_000, "200 with what is not JSON"),
    ],
)
def test_a_refusal_is_told_in_the_services_words(
    stack: Path, handler: tuple[type[Handler], int], status: int, body: bytes, words: str
) -> None:
    assert stack.is_dir()
    handler[0].status, handler[0].body = status, body
    with pytest.raises(ServiceError) as caught:
        service.find("staging", "churnpred").call(_rows({}))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(handler[0].seen) == 1


def test_a_key_that_others_can_read_is_not_used(stack: Path, home: Path, handler: tuple[type[Handler], int]) -> None:
    assert stack.is_dir()
    key = home / "keys" / "churn" / "staging" / "churnpred" / "primary"
    key.chmod(0o644)
    with pytest.raises(ServiceError, match="chmod 600"):
        service.find("staging", "churnpred").call(_rows({}))
    key.unlink()
    with pytest.raises(ServiceError, match="cannot read the key"):
        service.find("staging", "churnpred").call(_rows({}))
    assert handler[0].seen == []


def test_a_service_that_is_down_is_told_with_its_url(stack: Path) -> None:
    _write_state(stack, {**STATE, "scoringUrl": "http://127.0.0.1:1/score"})
    with pytest.raises(ServiceError, match=r"127.0.0.1:1/score cannot be reached"):
        service.find("staging", "churnpred").call(_rows({}))


def test_what_does_not_serve_is_told_with_what_does(stack: Path) -> None:
    with pytest.raises(ServiceError, match="stack prod: no stack named 'prod' found"):
        service.find("prod", "churnpred")
    with pytest.raises(ServiceError, match="stack staging: does not serve 'other', it serves churnpred"):
        service.find("staging", "other")
    _write_state(stack)
    with pytest.raises(ServiceError, match=r"it serves nothing; run: pulumi up -s staging"):
        service.find("staging", "churnpred")


def test_without_pulumi_the_next_step_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    with pytest.raises(ServiceError, match="pulumi is not on PATH; run: make engines"):
        service.find("staging", "churnpred")


def _call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main.run([*arguments])
    return (code, *capsys.readouterr())


def test_show_tells_what_serves_and_no_more(stack: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack.is_dir()
    code, out, _ = _call(capsys, "service", "show", "-n", "churnpred", "-s", "staging", "-o", "json")
    shown = json.loads(out)
    assert code == 0
    assert shown["image"] == STATE["image"]
    assert shown["models"] == ["churn [Ver. 1]"]
    assert shown["keysFolder"] == str(home / "keys" / "churn" / "staging" / "churnpred")
    assert "__provider" not in shown


def test_run_sends_rows_of_text_or_file_and_prints_a_table(
    known: Path, handler: tuple[type[Handler], int], capsys: pytest.CaptureFixture[str]
) -> None:
    (known / "rows.json").write_text('{"input_df": [{"age": 1}, {"age": 2}]}')
    for data, rows in (('[{"age": 1}]', 1), ('{"age": 1}', 1), (str(known / "rows.json"), 2)):
        code, out, _ = _call(capsys, "service", "run", "-n", "churnpred", "-s", "staging", "-d", data)
        head, *lines = out.splitlines()
        assert (code, head.split()) == (0, ["prediction", "probability", "model", "version"])
        assert [line.split() for line in lines] == [["0", "0.083", "churn", "1"]] * rows
    assert len(handler[0].seen) == 3


@pytest.mark.parametrize("data", ["none.json", "[1]", "[", '{"input_df": 3}'])
def test_rows_that_are_none_are_refused_before_they_are_sent(
    known: Path, handler: tuple[type[Handler], int], capsys: pytest.CaptureFixture[str], data: str
) -> None:
    assert known.is_dir()
    code, out, err = _call(capsys, "service", "run", "-n", "churnpred", "-s", "staging", "-d", data)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert handler[0].seen == []


def test_a_sample_is_made_of_the_example_rows_of_what_serves(
    stack: Path, project: Path, handler: tuple[type[Handler], int], capsys: pytest.CaptureFixture[str], csv_file: Path
) -> None:
    trained = _call(capsys, "train", "--data", str(csv_file), "--param", "max_iter=3", "-o", "json")
    url = f"http://127.0.0.1:{handler[1]}/score"
    _write_state(stack, {**STATE, "scoringUrl": url, "manifest": json.loads(trained[1])["manifest"]})
    assert project.is_dir()
    for asked, sent in (("2", 2), ("9", 3)):
        code, out, _ = _call(capsys, "service", "run", "-n", "churnpred", "-s", "staging", "--sample", asked)
        assert (code, len(out.splitlines()) - 1) == (0, sent)


def test_promoting_pins_what_serves_and_twice_changes_nothing(
    stack: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.is_dir()
    path = project / "Pulumi.prod.yaml"
    path.write_text("# what callers depend on\nconfig:\n  churn:gatewayPort: 8081\n")
    code, out, err = _call(capsys, "promote", "churnpred", "--from", "staging", "--to", "prod")
    assert (code, err) == (0, "next: commit both, then: pulumi up -s prod\n")
    assert f"now pins {STATE['image']}, which staging serves; evidence: promotions/prod/churnpred.json" in out
    assert f"+      image: {STATE['image']}" in out
    pins = {"manifest": STATE["manifest"], "image": STATE["image"]}
    assert stack_inputs.read_pins(path) == {"churnpred": pins}
    assert path.read_text().startswith("# what callers depend on\n")
    before = path.stat().st_mtime_ns
    code, out, _ = _call(capsys, "promote", "churnpred", "--from", "staging", "--to", "prod")
    assert (code, "already pins" in out, path.stat().st_mtime_ns) == (0, True, before)


def test_what_does_not_serve_is_not_promoted(stack: Path, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write_state(stack)
    code, out, err = _call(capsys, "promote", "churnpred", "--from", "staging", "--to", "prod")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert not (project / "Pulumi.prod.yaml").exists()
