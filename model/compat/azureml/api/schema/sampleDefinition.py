"""`from azureml.api.schema.sampleDefinition import SampleDefinition`, as Workbench projects have it."""

from model.schemas.generating import SampleDefinition

__all__ = ["SampleDefinition"]
