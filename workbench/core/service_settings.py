"""What a stack's file may say of a service: one table, whose rows are the fields of `ServiceSettings`.

A new setting is a new field here. The stack file's keys, their check, the server's variables, what makes a new release
and docs/stack-settings.md follow from it. The server in the image knows its own variables (`server/settings.py`).
"""

import re
from dataclasses import dataclass, field, fields
from typing import Any

from workbench.core import grammars

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ENDPOINT = re.compile(r"https?://[^\s/@]+(/[^\s@]*)?")
_IMAGE = re.compile(grammars.IMAGE_BY_DIGEST.form, re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One key: its `kind`, the bounds of a number or the `pattern` of a text, and the server's `variable` if any.

    `form` says in words what the pattern takes. Another value of a `shaping` setting makes another release.
    """

    key: str
    kind: type
    help: str
    low: float = 0
    high: float = 0
    pattern: re.Pattern[str] | None = None
    form: str = ""
    variable: str = ""
    shaping: bool = True


def _setting(key: str, kind: type, help_: str, default: Any = ..., **more: Any) -> Any:  # noqa: ANN401 - a dataclass's field
    row = {"setting": Setting(key=key, kind=kind, help=help_, **more)}
    return field(metadata=row) if default is ... else field(default=default, metadata=row)


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """One entry of `services`. What is None has the server's own default."""

    name: str
    manifest: str = _setting(
        "manifest", str, "What the image is made of.", pattern=DIGEST, form="sha256: and 64 hex digits", shaping=False
    )
    image: str | None = _setting(
        "image", str, "An image that is copied in place of a build.", None,
        pattern=_IMAGE, form="REGISTRY/NAME@sha256:DIGEST, never a tag", shaping=False,
    )  # fmt: skip
    replicas: int = _setting("replicas", int, "Containers or pods.", 1, low=1, high=1000, shaping=False)
    cpu: float = _setting("cpu", float, "Cores of a replica.", 1.0, low=0.05, high=256)
    memory: int = _setting("memory", int, "MiB of a replica.", 512, low=64, high=1 << 20)
    drain_seconds: int = _setting(
        "drainSeconds", int, "Seconds that a replica has to end its requests.", 10, low=0, high=300,
        variable="SCORING_DRAIN_SECONDS",
    )  # fmt: skip
    healthy_seconds: int = _setting(
        "healthySeconds", int, "Seconds that a new replica has to become healthy.", 60, low=3, high=900, shaping=False
    )
    workers: int | None = _setting(
        "workers", int, "Processes of a replica, each with a model; 0: one for each core.", None, low=0, high=64,
        variable="SCORING_WORKERS",
    )  # fmt: skip
    threads: int | None = _setting(
        "threads", int, "Requests that run at once in a process.", None, low=1, high=256, variable="SCORING_THREADS"
    )
    concurrency: int | None = _setting(
        "concurrency", int, "Requests that a process reads, keeps waiting or runs before the next gets a 503.", None,
        low=1, high=10_000, variable="SCORING_CONCURRENCY",
    )  # fmt: skip
    max_rows: int | None = _setting(
        "maxRows", int, "Rows of a request.", None, low=1, high=10_000_000, variable="SCORING_MAX_ROWS"
    )
    max_body_bytes: int | None = _setting(
        "maxBodyBytes", int, "Bytes of a request's body.", None, low=1, high=1 << 30, variable="SCORING_MAX_BODY_BYTES"
    )
    otlp_endpoint: str | None = _setting(
        "otlpEndpoint", str, "Where traces go, by OTLP over HTTP; none: no traces.", None,
        pattern=_ENDPOINT, form="a URL such as http://collector:4318", variable="OTEL_EXPORTER_OTLP_ENDPOINT",
    )  # fmt: skip
    primary_key: int = _setting(
        "primaryKey", int, "Another number makes the primary key anew.", 1, low=1, high=1_000_000, shaping=False
    )
    secondary_key: int = _setting(
        "secondaryKey", int, "Another number makes the secondary key anew.", 1, low=1, high=1_000_000, shaping=False
    )
    autoscale_max_replicas: int | None = _setting(
        "autoscaleMaxReplicas", int, "In a cluster: most replicas; they follow the load from `replicas` on.", None,
        low=1, high=1000, shaping=False,
    )  # fmt: skip
    autoscale_target_utilization: int = _setting(
        "autoscaleTargetUtilization", int, "In a cluster: per cent of `cpu` that replicas are kept at.", 70,
        low=1, high=100, shaping=False,
    )  # fmt: skip

    def variables(self) -> dict[str, str]:
        """The server's variables, of settings that have a value."""
        chosen = {TABLE[name].variable: getattr(self, name) for name in TABLE if TABLE[name].variable}
        return {variable: str(value) for variable, value in chosen.items() if value is not None}

    def shape(self) -> dict[str, Any]:
        """The settings that make a release what it is, by field."""
        return {name: getattr(self, name) for name, setting in TABLE.items() if setting.shaping}


TABLE: dict[str, Setting] = {
    each.name: each.metadata["setting"] for each in fields(ServiceSettings) if "setting" in each.metadata
}
KEYS: dict[str, str] = {setting.key: name for name, setting in TABLE.items()}
