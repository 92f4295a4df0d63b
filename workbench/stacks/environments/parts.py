"""From a verb's parts (files of models, a score script, a schema, what it needs) to a manifest, step by step."""

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.core import home
from workbench.core.errors import ParameterError
from workbench.experiments.configurations import conda
from workbench.registry.manifests import manifest
from workbench.registry.manifests.assemble import assemble
from workbench.registry.manifests.manifest import Manifest
from workbench.registry.models.registry import ModelRegistry, ModelVersion, read_files

RUNTIMES = ("python",)
_UNFIT = re.compile(r"[^a-z0-9.-]+")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a service is made of. `files` are models still to be registered, each under its file's name."""

    files: Sequence[Path] = ()
    models: Sequence[str] = ()
    score: Path | None = None
    schema: Path | None = None
    requirements: Path | None = None
    conda: Path | None = None
    dependencies: Sequence[Path] = ()
    unpickle: Sequence[str] = ()
    runtime: str = RUNTIMES[0]

    def any(self) -> bool:
        """Whether there is something to make a manifest of."""
        return bool(self.files or self.models or self.score)

    def check(self) -> None:
        """Raise ParameterError for what can't go together, before anything is done."""
        if self.runtime not in RUNTIMES:
            raise ParameterError(
                f"-r {self.runtime}: a service runs {' or '.join(RUNTIMES)}; Spark runs by: workbench experiment submit"
            )
        if self.requirements and self.conda:
            raise ParameterError(f"-p {self.requirements} and -c {self.conda}: give one of them, with all in it")
        names = [model_name(path) for path in self.files]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ParameterError(f"-m: two models would be named {twice}; put the files of one model into a folder")

    def manifest(self, service: str, say: Callable[[str], None]) -> Manifest:
        """Register the files, and make the manifest of all. Raises WorkbenchError."""
        registry = ModelRegistry()
        home.create()
        models = [*(registry.find(label) for label in self.models), *(self._register(file, say) for file in self.files)]
        with tempfile.TemporaryDirectory() as folder:
            return assemble(
                service,
                models,
                say,
                score=self.score,
                schema=self.schema,
                own=self._own(Path(folder), say),
                dependencies=self.dependencies,
                unpickle=self.unpickle,
            )

    @staticmethod
    def _register(path: Path, say: Callable[[str], None]) -> ModelVersion:
        name = model_name(path)
        made = ModelRegistry().register(name, read_files([path]), run_id="", metrics={})
        say(f"model {made.label} ({made.id[:19]}…), at models/{name}/ for the score script")
        return made

    def _own(self, folder: Path, say: Callable[[str], None]) -> Path | None:
        """The requirements that a conda file amounts to, else those that were given."""
        if not self.conda:
            return self.requirements
        translation = conda.read(self.conda, manifest.PYTHON)
        for remark in translation.remarks:
            say(f"{self.conda}: {remark}")
        own = folder / f"{self.conda.stem}.txt"
        own.write_text("".join(f"{line}\n" for line in translation.requirements), encoding="utf-8")
        return own


def model_name(path: Path) -> str:
    """The name that a file's or folder's model gets: its own, as far as a model can be named so."""
    return _UNFIT.sub("-", path.resolve().name.lower()).strip(".-")[:32].strip(".-")
