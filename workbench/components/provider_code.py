"""Which code the state of a dynamic resource names.

Pulumi keeps a pickle of the provider in the state, and the pickle names the provider's module. Where the module has
another name since, the resource must be updated once, or Pulumi cannot read or delete it later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KEY = "__provider"


def has_moved(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether the state names other code than this program."""
    return _KEY in olds and _KEY in news and olds[_KEY] != news[_KEY]
