"""The client's models, learned once by one thread.

msgspec learns how to read a class when it first reads one; two threads that learn at once crash the process.
"""

from __future__ import annotations

import threading

_LEARNING = threading.Lock()


def learn() -> None:
    """Learn all that is read of a cluster, once; the second time costs next to nothing."""
    import msgspec
    from lightkube.config.models import Cluster, Context, User
    from lightkube.models.meta_v1 import Status
    from lightkube.resources.apps_v1 import Deployment
    from lightkube.resources.batch_v1 import Job
    from lightkube.resources.core_v1 import Event, Namespace, Node, Pod
    from lightkube.resources.networking_v1 import NetworkPolicy

    settings = (Cluster, Context, User)
    with _LEARNING:
        for kind in (*settings, Status, Deployment, Job, Event, Namespace, Node, Pod, NetworkPolicy):
            msgspec.json.Decoder(kind)
