"""The doors of the application: what is open, what needs a key, what is not there."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from workbench.server.keys import Keys
from workbench.server.lifecycle import Lifecycle
from workbench.server.metrics import Metrics
from workbench.server.pool import Pool
from workbench.server.server import Endpoints, routes

Ask = Callable[..., httpx.Response]


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


@pytest.mark.parametrize("path", ["/score", "/nothing", "/score/", "/swagger.json/", "/healthz", "/%2e%2e/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
def test_every_other_path_needs_a_key(method: str, path: str, score: Ask, ask: Ask) -> None:
    assert score(json={"input_df": []}).status_code == 200
    answer = ask(method, path, headers={"authorization": "Bearer wrong"})
    assert (answer.status_code, code(answer)) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


OPEN = ["/", "/healthz/ready", "/healthz/live", "/swagger.json", "/openapi.json", "/v2/health/live", "/v2/health/ready"]


def test_every_route_needs_a_key_but_health_and_descriptions(lifecycle: Lifecycle, pool: Pool, keys_file: Path) -> None:
    listed = routes(Endpoints(lifecycle, Keys(keys_file), pool, Metrics()))
    assert sorted(route.template for route in listed if route.open) == sorted(OPEN)
    assert {(route.method, route.template) for route in listed if not route.open} == {
        ("GET", "/metrics"), ("POST", "/score"), ("GET", "/v2"), ("GET", "/v2/"),
        *((method, f"/v2/models/{{name}}{version}{verb}") for version in ("", "/versions/{version}")
          for method, verb in (("GET", ""), ("GET", "/ready"), ("POST", "/infer"))),
    }  # fmt: skip


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/metrics"), ("GET", "/v2"), ("GET", "/v2/models/toy"), ("GET", "/v2/models/toy/versions/7/ready"),
    ("POST", "/v2/models/toy/infer"),
])  # fmt: skip
def test_without_a_key_nothing_is_told(method: str, path: str, score: Ask, ask: Ask) -> None:
    assert score(json={"input_df": []}).status_code == 200
    assert ask(method, path).status_code == 401


@pytest.mark.parametrize("path", OPEN)
def test_health_and_descriptions_are_open_to_readers_only(path: str, score: Ask, ask: Ask) -> None:
    assert score(json={"input_df": []}).status_code == 200
    assert ask("GET", path).status_code == 200
    assert ask("HEAD", path).status_code == 200
    assert ask("POST", path).status_code == 401


def test_a_key_finds_out_what_is_there(ask: Ask, key: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    nothing = ask("GET", "/nothing", headers=headers)
    assert (nothing.status_code, code(nothing)) == (404, "not_found")
    wrong = ask("GET", "/score", headers=headers)
    assert (wrong.status_code, code(wrong)) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"
