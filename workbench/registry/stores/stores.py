"""Which store holds runs and models: a folder of the home, or what WORKBENCH_REGISTRY names.

Manifests, wheels and locks stay in the home whatever it says: `pulumi preview` reads them there.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from workbench.core import home
from workbench.core.errors import RegistryError
from workbench.registry.stores.folder_store import FolderStore
from workbench.registry.stores.store import Store

VARIABLE = "WORKBENCH_REGISTRY"


def at(root: Path | None = None) -> Store:
    """The store in the folder `root`; without one, where WORKBENCH_REGISTRY says, else the home's registry.

    Credentials are the business of the place's own library and its configuration. Raises RegistryError for a place that
    cannot be used.
    """
    place = "" if root else os.environ.get(VARIABLE, "").strip()
    if "://" not in place:
        return FolderStore(root or (Path(place).expanduser().absolute() if place else home.registry()))
    try:
        parts = urlsplit(place)
    except ValueError as error:
        raise RegistryError(f"{VARIABLE}: is no URI ({error}); write a folder, or e.g. s3://bucket/team") from error
    if parts.password or parts.query:
        raise RegistryError(
            f"{VARIABLE}: holds credentials or a query after {parts.scheme}://…; take them out and let the place's own"
            " configuration give them, for S3 AWS_PROFILE or ~/.aws/credentials"
        )
    if parts.scheme == "file":
        return FolderStore(Path(unquote(parts.path)))
    from workbench.registry.stores.remote_place import RemotePlace  # with fsspec, which is slow to import and an extra
    from workbench.registry.stores.remote_store import RemoteStore

    return RemoteStore(RemotePlace.open(place))
