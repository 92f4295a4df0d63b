"""`from azureml.api.schema.dataTypes import DataTypes`, as Workbench projects have it."""

from model.schemas.generating import DataTypes

__all__ = ["DataTypes"]
