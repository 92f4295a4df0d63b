"""Plans as Pulumi tells them and a registry that knows their manifests: what a preview is made of, without engines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from workbench.policies.metrics import Measured
from workbench.stacks.previews import release_facts, stack_preview, stack_reading, steps
from workbench.stacks.previews.release_facts import ReleaseFacts
from workbench.stacks.previews.stack_preview import StackPreview

TODAY = date(2026, 11, 25)
BLANK = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
CONTAINER, VOLUME = "docker:index/container:Container", "docker:index/volume:Volume"
# What every program declares: the stack itself.
ROOT = {"op": "same", "urn": "urn:pulumi:s::churn::pulumi:pulumi:Stack::churn-s", "newState": {"custom": False}}
ROUTE, KEYS = "pulumi-python:dynamic/infra:GatewayRoute", "pulumi-python:dynamic/infra:ServiceKeys"
IMAGE = "docker:index/remoteImage:RemoteImage"


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def schema(*columns: str) -> dict[str, Any]:
    properties = {name: {"type": "number"} for name in columns}
    rows = {"type": "array", "items": {"type": "object", "properties": properties}}
    answer = {"type": "array", "items": {"type": "object", "properties": {"probability": {"type": "number"}}}}
    return {"input": {"input_df": {"swagger": rows}}, "output": {"answers": {"swagger": answer}}}


@dataclass
class Plans:
    """Makes documents of Pulumi's, and facts of the manifests that they name."""

    project: Path
    facts: dict[str, ReleaseFacts] = field(default_factory=dict)

    def manifest(self, label: str, auc: float = 0.87, *columns: str, packages: str = "numpy==2.4.6\n") -> str:
        """A manifest of `churn 3`, whose roc_auc is known within 0.02; gives its id."""
        found = digest(label)
        self.facts[found] = ReleaseFacts(
            found,
            models=(label,),
            bytes=108_000,
            schema=schema(*(columns or ("age", "calls"))),
            requirements=packages,
            metrics={"roc_auc": Measured(auc, auc - 0.02, auc + 0.02), "brier": Measured(0.06, 0.04, 0.08)},
        )
        return found

    def ground(self, op: str, stack: str) -> list[dict[str, Any]]:
        """What every stack has: storage and the machinery of its own."""
        volumes = [
            self.step(op, VOLUME, f"storage-{kind}", {"name": f"churn-{stack}-{kind}"}) for kind in ("images", "keys")
        ]
        return [*volumes, self.step(op, CONTAINER, "registry", self.container(f"churn-{stack}-registry", None))]

    def service(self, name: str, stack: str, old: str | None, new: str | None) -> list[dict[str, Any]]:
        """The steps of a service that goes from one manifest to another."""
        before, after = (self.route(name, each) if each else None for each in (old, new))
        if old == new:
            running = self.container(f"churn-{stack}-{name}-{(old or '')[7:15]}-0", name)
            return [
                self.step("same", CONTAINER, f"{name}-{(old or '')[7:15]}-0", running),
                self.step("same", ROUTE, f"{name}-route", before or {}),
            ]
        found = []
        if new:
            running = {**self.container(f"churn-{stack}-{name}-{new[7:15]}-0", name), "image": BLANK}
            found.append(self.step("replace" if old else "create", IMAGE, f"{name}-image-built", {"name": new[7:15]}))
            found.append(self.step("create", CONTAINER, f"{name}-{new[7:15]}-0", running))
        if old:
            running = self.container(f"churn-{stack}-{name}-{old[7:15]}-0", name)
            found.append(self.step("delete", CONTAINER, f"{name}-{old[7:15]}-0", running))
        op = "update" if before and after else "create" if after else "delete"
        found.append(self.step(op, ROUTE, f"{name}-route", after or {}, before))
        return [each for each in found if each]

    def route(self, name: str, manifest: str) -> dict[str, Any]:
        return {"service": name, "manifest": manifest, "image": f"127.0.0.1:5000/{name}@{digest('image' + manifest)}"}

    def container(self, name: str, service: str | None, **other: Any) -> dict[str, Any]:
        return {
            "name": name,
            "image": f"127.0.0.1:5000/{service}@{digest(name)}" if service else f"{name}:{'b' * 16}",
            "user": "10001:10001",
            "readOnly": True,
            "securityOpts": ["no-new-privileges:true"],
            "cpus": "1.0",
            "memory": 512,
            "envs": [],
            "labels": [{"label": "workbench.service", "value": service}] if service else [],
            **other,
        }

    def step(
        self, op: str, kind: str, name: str, inputs: dict[str, Any], before: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        state = {"type": kind, "custom": True}
        found: dict[str, Any] = {"op": op, "urn": f"urn:pulumi:stack::churn::{kind}::{name}"}
        if op != "create":
            found["oldState"] = {**state, "inputs": inputs if before is None else before}
        if op != "delete":
            found["newState"] = {**state, "inputs": inputs}
        return found

    def preview(self, stack: str, steps_: list[dict[str, Any]], pins: dict[str, Any], **config: Any) -> StackPreview:
        told = {"services": pins, **config}
        document = {
            "steps": [ROOT, *steps_],
            "config": {f"churn:{key}": _written(value) for key, value in told.items()},
        }
        return stack_reading.of_plan(stack, self.project, steps.read(document), TODAY)

    def drift(self, *steps_: dict[str, Any]) -> tuple[stack_preview.Drift, ...]:
        return stack_preview.drifted(steps.read({"steps": list(steps_)}, ran=False).steps)


@pytest.fixture
def plans(project: Path, monkeypatch: pytest.MonkeyPatch) -> Plans:
    found = Plans(project)
    known: Callable[[str], ReleaseFacts] = found.facts.__getitem__
    monkeypatch.setattr(release_facts, "read", known)
    return found


def _written(value: Any) -> Any:
    """Pulumi writes lists and mappings of a configuration as texts."""
    return json.dumps(value) if isinstance(value, dict | list) else value
