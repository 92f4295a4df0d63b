"""`from azureml.api.schema.dataTypes import DataTypes`, as Workbench projects have it."""

from workbench.registry.schemas.generating import DataTypes

__all__ = ["DataTypes"]
