import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.core.errors import ServiceError
from workbench.stacks.environments import log_lines, pods
from workbench.stacks.services.service import Service

_NOWHERE = {
    "clusters": [{"name": "here", "cluster": {"server": "http://127.0.0.1:1"}}],
    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    "users": [{"name": "me", "user": {}}],
}


def _broken(*lines: str) -> Iterator[str]:
    yield from lines
    raise ServiceError("the pod is gone")


@pytest.mark.parametrize("follow", [False, True])
def test_lines_stand_behind_their_logs_name_where_there_are_several(
    capsys: pytest.CaptureFixture[str], follow: bool
) -> None:
    log_lines.show([("a", ["1", "2"]), ("b", ["3"])], follow=follow)
    log_lines.show([("a", ["alone"])], follow=follow)

    assert sorted(capsys.readouterr().out.splitlines()) == ["a: 1", "a: 2", "alone", "b: 3"]


def test_a_log_that_breaks_off_is_told_after_the_others_and_by_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ServiceError, match="the pod is gone"):
        log_lines.show([("a", _broken("1")), ("b", ["2"])], follow=False)

    told = capsys.readouterr()
    assert (told.out.splitlines(), told.err) == (["a: 1", "b: 2"], "")


def test_of_logs_that_go_on_the_first_that_breaks_off_ends_all() -> None:
    def silent() -> Iterator[str]:
        threading.Event().wait()
        yield "never"

    with pytest.raises(ServiceError, match="the pod is gone"):
        log_lines.show([("a", silent()), ("b", _broken())], follow=True)


def test_pods_of_a_cluster_that_does_not_answer_have_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **_NOWHERE}))
    state = {"kubeconfig": str(kubeconfig), "context": "here", "namespace": "churn-staging", "release": "1"}
    service = Service("churnpred", "staging", state)
    monkeypatch.setattr(pods, "names", lambda _: ["one", "two"])

    with pytest.raises(ServiceError, match=r"^the cluster of context 'here' cannot be reached: .*refused$"):
        pods.show(service, tail=None, follow=True)
    assert capsys.readouterr().err == ""
