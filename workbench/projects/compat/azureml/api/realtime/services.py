"""`from azureml.api.realtime.services import generate_schema`, as Workbench projects have it."""

from workbench.registry.schemas.generating import generate_schema

__all__ = ["generate_schema"]
