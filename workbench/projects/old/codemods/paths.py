"""Paths in scripts: the model's file, which a service has elsewhere than a run, and paths of somebody's own machine."""

from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath

import libcst as cst

from workbench.projects.old.codemods.script import Script, argument, code, method, positional, text_of

MODEL_SUFFIXES = (".pkl", ".pickle", ".joblib", ".sav", ".h5", ".hdf5", ".onnx", ".model", ".npy", ".npz", ".skops")
_WRITERS = {"dump", "save", "save_model", "to_csv", "to_pickle", "savez", "savefig", "write"}
HELPER = '''

def model_file(path):
    """Give the path of the model's file: below models/ in a service, elsewhere as it is."""
    return str(next(Path("models").rglob(Path(path).name), path))
'''


def plain(text: str) -> str:
    """A path with `/` alone, as a project on any system has it."""
    return text.replace("\\", "/").removeprefix("./")


def is_model(text: str, outputs: AbstractSet[str]) -> bool:
    """Whether a text is the path of a model's file: by its ending, or as an output of the training."""
    name = PurePosixPath(plain(text)).name
    return bool(name) and "\n" not in text and (name.lower().endswith(MODEL_SUFFIXES) or name in outputs)


def reads_model(script: Script, call: cst.Call, outputs: AbstractSet[str]) -> cst.Call:
    """A call with the model's file where the service has it, in the place of each path of it that is read."""
    name = method(call) or code(call.func)
    if name in _WRITERS or (name == "open" and _writes(call)) or name in ("join", "generate_schema"):
        return call
    changed = []
    for arg in call.args:
        path = path_of(script, arg.value)
        fresh = arg.keyword is None or "file" in arg.keyword.value or "path" in arg.keyword.value
        if path is not None and fresh and is_model(path, outputs):
            arg = arg.with_changes(value=found(path))  # noqa: PLW2901 - the argument in its place
        changed.append(arg)
    return call if changed == list(call.args) else call.with_changes(args=changed)


def found(path: str) -> cst.BaseExpression:
    """The expression for a file of the model."""
    return cst.parse_expression(f"model_file({_quoted(plain(path))})")


def path_of(script: Script, node: cst.BaseExpression) -> str | None:
    """The path that a plain string gives, or the joining of plain strings and of the script's own folder."""
    text = text_of(node)
    if text is not None:
        return text
    if not isinstance(node, cst.Call) or script.full_name(node.func) != "os.path.join":
        return None
    parts = [text_of(arg.value) for arg in node.args]
    if parts and parts[0] is None and "__file__" in code(node.args[0].value):
        parts[0] = "."
    known = [part for part in parts if part is not None]
    return "/".join(known) if known and len(known) == len(parts) else None


def relative(text: str, files: AbstractSet[str]) -> str | None:
    """The project's own file that a path of Windows, or from a root, stands for; None for any other text."""
    rooted = text.startswith("/") or text[1:3] in (":\\", ":/")
    if "\n" in text or len(text) > 500 or not ("\\" in text or rooted):  # noqa: PLR2004 - no path is as long
        return None
    parts = [each for each in plain(text).split("/") if each not in ("", ".", "..")]
    candidates = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((candidate for candidate in candidates if candidate in files), None)


def _writes(call: cst.Call) -> bool:
    given = positional(call)
    mode = argument(call, "mode") or (given[1] if len(given) > 1 else None)
    return bool(mode and set(text_of(mode.value) or "") & set("wax+"))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
