"""Write the reference pages that follow from the code: `python docs/generate.py`. A test tells when they are stale."""

from __future__ import annotations

from dataclasses import MISSING
from pathlib import Path
from typing import Any

import yaml

from workbench.core.service_settings import TABLE, ServiceSettings, Setting
from workbench.server.settings import Settings

DOCS = Path(__file__).parent
STACK_SETTINGS = DOCS / "stack-settings.md"
_HEAD = """# Settings of a stack

Written by `python docs/generate.py`. All keys stand in `Pulumi.<stack>.yaml` under `config:`, with the project's name
before them (`churn:gatewayPort`). A key that is not known is refused, with the nearest known one. Policies have keys of
their own: [pull requests](pull-requests.md).
"""


def stack_settings() -> str:
    """The page on the keys of a stack and of its services."""
    declared = yaml.safe_load((DOCS.parent / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    lines = [_HEAD, "## Of the stack", "", "| key | type | default | meaning |", "|---|---|---|---|"]
    for key, row in declared.items():
        default = f"`{row['default']}`" if row["default"] != "" else "none"
        lines.append(f"| `{key}` | {row['type']} | {default} | {row['description']} |")
    lines += ["", "## Of a service: `services:` NAME", "", "| key | value | default | meaning | new release |"]
    lines += ["|---|---|---|---|---|"]
    for name, setting in TABLE.items():
        new = "yes" if setting.shaping or name in ("manifest", "image") else "no"
        lines.append(f"| `{setting.key}` | {_values(setting)} | {_default(name)} | {setting.help} | {new} |")
    return "\n".join(lines) + "\n"


def _default(name: str) -> str:
    """The default of a service's setting; where the stack has none, the server's own."""
    default: Any = ServiceSettings.__dataclass_fields__[name].default
    if default is MISSING:
        return "must be given"
    default = Settings._field_defaults.get(name) if default is None else default
    return "none" if default is None else f"`{default:,}`"


def _values(setting: Setting) -> str:
    if setting.pattern:
        return setting.form
    kind = "number" if setting.kind is float else "whole number"
    return f"{kind} from {setting.low:,} to {setting.high:,}"


if __name__ == "__main__":
    STACK_SETTINGS.write_text(stack_settings(), encoding="utf-8")
