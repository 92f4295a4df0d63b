"""What Pulumi does, told to people: each step of an update as one line. Pure."""

from dataclasses import dataclass

# What people call a resource, by the last part of its type; components only bracket others.
_WORDS = {
    "Container": "container",
    "RemoteImage": "image",
    "RegistryImage": "image in the registry",
    "Tag": "tag",
    "Network": "network",
    "Volume": "volume",
    "GatewayRoute": "route",
    "ClusterRoute": "route",
    "ServiceKeys": "keys",
    "ImageDigest": "digest",
    "RegistryLogin": "login to the registry",
}
_BRACKETS = ("pulumi:providers:", "pulumi:pulumi:", "churn:infra:")
# An image outlives its resource, on the engine and in the registry: going back to it builds nothing.
_KEPT = ("RemoteImage", "RegistryImage", "Tag")
_DOING = {
    "create": "creating",
    "create-replacement": "creating",
    "update": "changing",
    "delete": "removing",
    "delete-replaced": "removing",
    "refresh": "",
    "read": "",
    "replace": "",
    "same": "",
}


@dataclass(frozen=True)
class Step:
    """One step of Pulumi's: what it does (its own word, `create`), the resource's type and name."""

    op: str
    type: str
    name: str

    @property
    def what(self) -> str:
        """The resource as people call it: `container churnpred-1a2b3c4d-0`."""
        kind = self.type.rpartition(":")[2]
        return f"{_WORDS.get(kind, kind)} {self.name}"

    @property
    def verb(self) -> str:
        """The plain verb of a plan: create, change or remove; "" for a step that changes nothing."""
        return {"creating": "create", "changing": "change", "removing": "remove"}.get(self.doing, "")

    @property
    def doing(self) -> str:
        """The verb while it goes on; "" for a step that changes nothing."""
        if self.type.startswith(_BRACKETS):
            return ""
        doing = _DOING.get(self.op, self.op)
        return "" if doing == "removing" and self.type.endswith(_KEPT) else doing


def step(op: str, type_: str, urn: str) -> Step:
    """A step by the words of Pulumi's event."""
    return Step(op, type_, urn.rpartition("::")[2])


def last_words(message: str) -> str:
    """The line of a diagnosis that says most: a provider's own error, without Pulumi's frame and a traceback."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if not lines:
        return ""
    telling = [line for line in lines if line.startswith(("RuntimeError:", "workbench.components.errors.", "error:"))]
    chosen = telling[-1] if telling else lines[-1]
    for frame in (
        "error:",
        "Exception calling application:",
        "RuntimeError:",
        "workbench.components.errors.InfraError:",
    ):
        chosen = chosen.removeprefix(frame).strip()
    return chosen
