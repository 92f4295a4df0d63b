"""Why pulumi failed, in one line of all that it said."""

import pytest

from workbench.stacks.environments.program import UpdateResult
from workbench.stacks.services import pulumi_words


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (
            "\n code: 1\n stdout: \n stderr: error: get stack secrets manager: incorrect passphrase",
            "get stack secrets manager: incorrect passphrase; it is not the one of this stack",
        ),
        (
            " stderr: error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
            "no backend is set: PULUMI_BACKEND_URL names where states lie; run: eval",
        ),
        ('error: unable to open state directory "file:///x": no such', "PULUMI_BACKEND_URL must name where states lie"),
        (
            "error: constructing secrets manager: passphrase must be set with PULUMI_…",
            "the passphrase that it was made",
        ),
        ("warning: a new version\nerror: could not load plugin:\n  no docker\n", "could not load plugin: no docker"),
        (
            " stdout: x\n    error: an unhandled error occurred: program exited with non-zero exit code: -1\n stderr: ",
            "the project's program was killed (exit code -1)",
        ),
        ("error: update failed\nerror: the real one", "the real one"),
        ("error: update failed", "the update failed"),
        ("no mark at all\nbut a last line\n", "but a last line"),
    ],
)
def test_the_reason_is_one_line_and_says_what_to_do_where_that_is_known(said: str, says: str) -> None:
    for reason in (pulumi_words.reason(said), UpdateResult(lambda _: None).reason(said)):
        assert says in reason
        assert "\n" not in reason
