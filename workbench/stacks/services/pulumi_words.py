"""Why `pulumi` failed, in one line of what it said. Runs nothing."""

import re

_ENVIRONMENT = 'run: eval "$(make -s env)"'
# What people meet who have not asked `make env`, and what to do about it.
_NEXT = {
    "PULUMI_ACCESS_TOKEN must be set": f"no backend is set: PULUMI_BACKEND_URL names where states lie; {_ENVIRONMENT}",
    "passphrase must be set": f"the stack's secrets need the passphrase that it was made with; {_ENVIRONMENT}",
    "incorrect passphrase": "it is not the one of this stack; PULUMI_CONFIG_PASSPHRASE_FILE names a file "
    f"with it; {_ENVIRONMENT}",
    "unable to open state directory": f"PULUMI_BACKEND_URL must name where states lie; {_ENVIRONMENT}",
}
_ENDED = re.compile(r"program exited with non-zero exit code: (-?\d+)")
_FRAME = re.compile(r"^ (code: \d+|stdout:|stderr:)")  # of the Automation API
_KILLED = 128
_EMPTY = ("update failed", "preview failed", "refresh failed", "destroy failed")
_MARK = "error: "


def reason(said: str) -> str:
    """The first error in what it said, else the last thing it said at all; "" if it said nothing."""
    lines = [line for raw in said.splitlines() if (line := _FRAME.sub("", raw).strip())]
    errors = [_whole(lines, place) for place, line in enumerate(lines) if line.startswith(_MARK)]
    told = [error for error in errors if error not in _EMPTY and not _ENDED.search(error)]
    return plain((told or errors or lines[-1:] or [""])[0])


def plain(error: str) -> str:
    """One error as people read it: what the program's end means, and what to do next where that is known."""
    error = error.strip().removeprefix(_MARK)
    if ended := _ENDED.search(error):
        return how_it_ended(int(ended.group(1)))
    if error == "update failed":
        return "the update failed"
    hint = next((words for sign, words in _NEXT.items() if sign in error), "")
    return f"{error}; {hint}" if hint else error


def how_it_ended(code: int) -> str:
    """A program of the project that ended without a word of its own."""
    if code < 0 or code > _KILLED:
        return f"the project's program was killed (exit code {code}); if memory ran out, make room, then run it again"
    return (
        f"the project's program ended with exit code {code} and without a word; run pulumi preview to see all it says"
    )


def _whole(lines: list[str], place: int) -> str:
    """An error with the line that its colon promises."""
    error = lines[place].removeprefix(_MARK)
    return f"{error} {lines[place + 1]}" if error.endswith(":") and place + 1 < len(lines) else error
