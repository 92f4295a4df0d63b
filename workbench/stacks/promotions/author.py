"""Who promotes, and from which commit, as git knows them."""

import getpass
import subprocess

from workbench.core import home


def name() -> str:
    """`Ada <ada@example.com>` of git's configuration, else the account's name."""
    told = [_git("config", "--get", key) for key in ("user.name", "user.email")]
    if all(told):
        return f"{told[0]} <{told[1]}>"
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def commit() -> str:
    """The project's commit, "" outside git."""
    return _git("rev-parse", "HEAD")


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=home.project(), capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
