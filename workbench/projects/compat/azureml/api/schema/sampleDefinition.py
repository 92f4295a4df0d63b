"""`from azureml.api.schema.sampleDefinition import SampleDefinition`, as Workbench projects have it."""

from workbench.registry.schemas.generating import SampleDefinition

__all__ = ["SampleDefinition"]
