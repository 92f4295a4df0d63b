import json
from collections.abc import Iterator

from workbench.experiments.targets.kubernetes.pod_log import Follower, Lines

MARK = "f00d"
T = "2026-01-01T00:00:0{0}Z {1}"


def _read(lines: Lines, *log: str) -> bytes:
    return b"".join(lines.fresh(iter(log)))


def test_lines_that_were_seen_are_not_told_again_when_the_log_is_read_anew() -> None:
    lines = Lines(MARK)
    assert _read(lines, T.format(1, "a"), T.format(2, "b")) == b"a\nb\n"
    assert _read(lines, T.format(1, "a"), T.format(2, "b"), T.format(2, "c"), T.format(3, "b")) == b"c\nb\n"


def test_a_log_that_was_rotated_meanwhile_goes_on_where_it_was() -> None:
    lines = Lines(MARK)
    _read(lines, T.format(1, "a"), T.format(2, "b"))
    assert _read(lines, T.format(2, "b"), T.format(3, "c")) == b"c\n"


def test_times_whose_ending_zeros_are_left_out_keep_their_order() -> None:
    lines = Lines(MARK)
    log = ["2026-01-01T00:00:01.09Z a", "2026-01-01T00:00:01.1Z b", "2026-01-01T00:00:01.100000001Z c"]
    assert _read(lines, *log) == b"a\nb\nc\n"
    assert _read(lines, *log) == b""


def test_the_mark_ends_the_log_and_is_not_shown_nor_is_what_a_script_leaves_unended_lost() -> None:
    lines = Lines(MARK)
    ended = json.dumps({"code": 3})
    assert _read(lines, T.format(1, "no newline" + MARK + ended), T.format(2, "later")) == b"no newline"
    assert lines.ended == {"code": 3}


def test_a_follower_reads_on_after_a_lost_connection_until_the_pod_is_over() -> None:
    logs = [["a"], ["a", "b"], ["a", "b", "c"]]
    lines = Lines(MARK)

    def log() -> Iterator[str]:
        return iter([T.format(number, text) for number, text in enumerate(logs.pop(0))])

    follower = Follower(lines, log, lambda: len(logs) == 1)
    assert b"".join(follower.output()) == b"a\nb\nc\n"
    assert list(follower.output()) == []
