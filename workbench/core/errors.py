"""The error tree of `workbench`. Each message is one line; translating it into an exit code is the CLI's business."""


class WorkbenchError(Exception):
    """Anything the user can put right: what, where, value, why and what to do next, in one line."""


class DataError(WorkbenchError):
    """The training data cannot be used."""


class ParameterError(WorkbenchError):
    """A name, number or parameter is out of its range."""


class TrainingError(WorkbenchError):
    """A run could not produce a model worth registering."""


class RegistryError(WorkbenchError):
    """A model version is missing, damaged or cannot be written."""


class ManifestError(WorkbenchError):
    """A manifest is missing, damaged or cannot be built."""


class WheelsError(WorkbenchError):
    """The wheels of a runtime are missing, damaged or cannot be fetched."""


class RunError(WorkbenchError):
    """A run record is missing or damaged."""


class StackFileError(WorkbenchError):
    """A Pulumi.<stack>.yaml does not have the structure that handover.md describes."""


class EnvironmentsError(WorkbenchError):
    """An environment is not there, or a change of it failed."""


class ServiceError(WorkbenchError):
    """A stack's outputs or its scoring service did not answer as agreed."""


class NoStackError(ServiceError):
    """The backend has no stack of that name: one that was never set up."""


class InUseError(WorkbenchError):
    """What shall be deleted is in use, or nobody can tell whether it is."""


class SchemaError(WorkbenchError):
    """A score script or samples do not make a schema."""


class PromotionError(WorkbenchError):
    """A service may not be promoted, or its evidence cannot be written."""
