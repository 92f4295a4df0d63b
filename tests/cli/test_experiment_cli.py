import json
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lab(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lab"
    (folder / "aml_config").mkdir(parents=True)
    (folder / "aml_config" / "local.runconfig").write_text('Target: "local"\n')
    (folder / "aml_config" / "local.compute").write_text('type: "local"\n')
    (folder / "aml_config" / "docker.runconfig").write_text('Target: "docker"\n')
    (folder / "aml_config" / "docker.compute").write_text('type: "docker"\n')
    (folder / "script.py").write_text("import sys\nprint(sys.argv[1:])\nsys.exit(int(sys.argv[-1]))\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{home}/none.sock")
    return folder


@pytest.mark.usefixtures("lab")
def test_all_after_the_script_is_the_scripts(call: Call) -> None:
    code, out, err = call("experiment", "submit", "-c", "local", "script.py", "-c", "x", "--help", "-t", "--", "0")
    assert out.splitlines()[1:] == ["['-c', 'x', '--help', '-t', '--', '0']"]
    assert (code, "completed; outputs: none; look: workbench history show lab_" in err) == (0, True)


@pytest.mark.usefixtures("lab")
def test_the_scripts_exit_code_is_the_verbs(call: Call) -> None:
    code, _, err = call("experiment", "submit", "-c", "local", "script.py", "7")
    assert (code, "failed with exit code 7" in err) == (7, True)


@pytest.mark.usefixtures("lab")
def test_another_target_than_the_configured_can_be_chosen(call: Call) -> None:
    code, out, _ = call("experiment", "submit", "-c", "docker", "-t", "local", "script.py", "0")
    assert (code, out.splitlines()[1:]) == (0, ["['0']"])
    shown = json.loads(call("history", "last", "-o", "json")[1])
    assert (shown["configuration"], shown["target"]) == ("docker", "local")


@pytest.mark.usefixtures("lab")
def test_prepare_tells_what_there_is(call: Call) -> None:
    code, out, err = call("experiment", "prepare", "-c", "local", "-o", "json")
    assert (code, json.loads(out)["type"]) == (0, "local")
    assert "Your environment is now ready" in err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["prepare"], 2, "--run-configuration"),
        (["prepare", "-c", "dokcer"], 1, "dokcer.runconfig is missing; did you mean 'docker'?"),
        (["prepare", "-c", "../docker"], 1, "a name has letters"),
        (["prepare", "-c", "docker"], 1, "does not answer"),
        (["submit", "-c", "docker", "script.py", "0"], 1, "does not answer"),
        (["submit", "-c", "local"], 2, "SCRIPT"),
        (["submit", "-c", "local", "none.py"], 1, "none.py: there is no such script"),
        (["submit", "-c", "local", "/etc/hostname"], 1, "lies outside of the project"),
        (["submit", "-c", "local", "-t", "k8s", "script.py"], 1, "k8s.compute is missing; there is docker, local"),
    ],
)
def test_an_error_is_one_line_and_leaves_no_run(
    call: Call, lab: Path, arguments: list[str], code: int, words: str
) -> None:
    found, out, err = call("experiment", *arguments)
    assert (found, out, err.count("\n")) == (code, "", 1), err
    assert words in err
    assert err.count("did you mean") <= 1
    assert call("history", "list", "-o", "json")[1] == "[]\n"
    assert lab.is_dir()
