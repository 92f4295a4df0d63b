"""What this program says when it can't go on: one line each, shown by Pulumi without a traceback."""

from __future__ import annotations

import pulumi


class InfraError(pulumi.RunError):
    """Names the key or file, the value, why it is refused and what to do next."""
