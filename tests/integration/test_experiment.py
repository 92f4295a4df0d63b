"""Runs in containers of a real engine, near and behind ssh."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import docker

from tests.integration import sshd
from tests.integration.laboratory import RUNCONFIG, SMALL, Lab
from tests.ports import free_ports
from tests.tree import TREE


def test_an_image_is_built_once_for_its_content(lab: Lab, engine: docker.DockerClient) -> None:
    first = lab.experiment("prepare", "-c", "docker", "-o", "json")
    assert (first.code, "Your environment is now ready" in first.err) == (0, True), first.err
    image = json.loads(first.out)["image"]
    assert engine.images.get(image).labels["workbench.runtime"] == image.partition(":")[2]
    lab.write(conda_dependencies__yml=SMALL + "name: another\n")
    again = lab.experiment("prepare", "-c", "docker", "-o", "json")
    assert (json.loads(again.out)["image"], "building" in again.err) == (image, False)


def test_a_run_is_streamed_recorded_and_its_code_passed_on(lab: Lab) -> None:
    done = lab.submit(
        "import os, sys\nimport six\nfrom azureml.logging import get_azureml_logger\n"
        "get_azureml_logger().log('Accuracy', 0.9)\n"
        "print(os.environ['EXAMPLE_ENV_VAR'], sys.argv[1:])\nprint('oops', file=sys.stderr)\n"
        "open('model.pkl', 'w').write('1')\nopen('outputs/a.txt', 'w').write('2')\nsys.exit(3)\n",
        "--depth", "4",
    )  # fmt: skip
    record = lab.last()
    assert done.out.splitlines() == [f"RunId: {record['id']}", "Example Value ['--depth', '4']", "oops"], done.err
    assert (done.code, record["status"], record["exit_code"], record["error"]) == (3, "failed", 3, "oops")
    assert [entry["path"] for entry in record["outputs"]] == ["a.txt", "model.pkl"]
    assert (record["metrics"], record["parameters"]) == ({"Accuracy": 0.9}, {"depth": 4})
    assert record["environment"]["image"].startswith("workbench-runtime:")
    assert (lab.run_folder(record) / "log.txt").read_text().splitlines()[-1] == "oops"
    assert not (lab.folder / "model.pkl").exists()


def test_a_container_can_do_little_but_its_work(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text("a,b\n")
    done = lab.submit(
        "import os, socket, sys\n"
        "print(os.getuid(), sorted(os.listdir('/sys/class/net')), open(sys.argv[1]).read().strip())\n"
        "for path in ('/etc/x', '/opt/x'):\n"
        "    try:\n        open(path, 'a'); print(path)\n    except OSError as error: print(error.errno in (13, 30))\n"
        "open('/tmp/x', 'w'); open(os.path.expanduser('~/x'), 'w')\n"
        "print([line for line in open('/proc/self/status') if line.startswith(('CapEff', 'NoNewPrivs'))])\n",
        str(tmp_path / "big.csv"),
    )
    assert done.out.splitlines()[1:] == [
        "10001 ['lo'] a,b",
        "True",
        "True",
        "['CapEff:\\t0000000000000000\\n', 'NoNewPrivs:\\t1\\n']",
    ], done.err


def test_a_run_that_needs_more_memory_than_it_has_says_so(lab: Lab) -> None:
    lab.write(docker__compute="type: docker\nmemory: 64m\n")
    done = lab.submit("data = bytearray(300_000_000)\nfor n in range(0, len(data), 4096): data[n] = 1\n")
    assert (done.code, "set memory" in done.err) == (137, True)
    assert lab.last()["error"] == "it needed more memory than the compute gives; set memory"


def test_what_a_run_tells_can_be_seen_while_it_runs_and_an_interrupt_stops_it(lab: Lab) -> None:
    lab.experiment("prepare", "-c", "docker")
    (lab.folder / "script.py").write_text(
        "import time\nfrom workbench import tracking\ntracking.log('loss', 1)\nopen('half', 'w').write('1')\n"
        "print('under way', flush=True)\ntime.sleep(600)\n"
    )
    command = ["workbench", "experiment", "submit", "-c", "docker", "script.py"]
    command = ["env", "--default-signal=HUP,INT", *command]  # whoever runs the tests may ignore them
    process = subprocess.Popen(command, cwd=lab.folder, env=lab.environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert [line for line in iter(process.stdout.readline, "under way\n") if not line] == []
    record = lab.last()
    assert record["status"] == "running"
    tracking = lab.run_folder(record) / "tracking.jsonl"
    while not tracking.exists():
        assert process.poll() is None
        time.sleep(0.2)
    assert json.loads(tracking.read_text())["value"] == 1
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    assert (lab.last()["status"], [each["path"] for each in lab.last()["outputs"]]) == ("canceled", ["half"])


def test_a_configuration_that_is_not_to_be_prepared_says_what_to_do(lab: Lab) -> None:
    lab.write(
        docker__runconfig=RUNCONFIG.format("docker", "Python") + "PrepareEnvironment: false\n",
        conda_dependencies__yml="dependencies:\n  - six=1.16\n",
    )
    done = lab.submit("print(1)\n")
    assert (done.code, "run: workbench experiment prepare -c docker" in done.err) == (1, True)


def test_an_image_of_ones_own_is_used_as_it_is(lab: Lab, shared_home: dict[str, str]) -> None:
    base = json.loads(Path(shared_home["WORKBENCH_HOME"], "images.json").read_text())["debian"]
    lab.write(docker__compute=f"type: docker\nbaseDockerImage: {base}\nuserManagedEnvironment: true\n")
    done = lab.submit("import importlib.util\nprint(importlib.util.find_spec('six'))\n")
    assert done.out.splitlines()[1:] == ["None"], done.err
    lab.write(docker__compute="type: docker\nbaseDockerImage: microsoft/mmlspark:plus-0.7.91\n")
    done = lab.submit("print(1)\n")
    assert "baseDockerImage: microsoft/mmlspark:plus-0.7.91 is not on the engine" in done.err
    assert "cannot be pulled (" in done.err
    assert "load it there, name another, or leave the key away" in done.err


def test_a_run_behind_ssh_has_the_same_record(lab: Lab, tmp_path: Path, engines: dict[str, str]) -> None:
    (port,) = free_ports(1)
    (lab.folder / "rows.csv").write_text("a\n1\n")
    with sshd.serve(tmp_path / "sshd", port, engines["DOCKER_HOST"]) as server:
        lab.write(
            far__runconfig=RUNCONFIG.format("far", "Python"),
            far__compute=f"type: remotedocker\naddress: {server.address}\nusername: root\n",
        )
        away = {"DOCKER_HOST": "unix:///nowhere", "PATH": f"{server.clients}:{lab.environment['PATH']}"}
        there = Lab(lab.folder, {**lab.environment, **away})
        done = there.submit(
            "import sys\nfrom workbench import tracking\ntracking.log('a', 1)\nprint(open(sys.argv[2]).read())\n"
            "open('outputs/model.pkl', 'w').write('1')\n",
            "--data", "rows.csv", configuration="far",
        )  # fmt: skip
    record = lab.last()
    assert (done.code, done.out.splitlines()[1:3]) == (0, ["a", "1"]), done.err
    assert (record["status"], record["metrics"], record["target"]) == ("completed", {"a": 1}, "far")
    assert [entry["path"] for entry in record["outputs"]] == ["model.pkl"]


def test_the_churn_example_gives_a_model(lab: Lab) -> None:
    for name in ("conda_dependencies.yml", "docker.compute", "docker.runconfig"):
        shutil.copy(TREE / "aml_config" / name, lab.folder / "aml_config" / name)
    shutil.copy(TREE / "workbench" / "projects" / "templates" / "lab" / "train.py", lab.folder)
    generate = ["workbench", "data", "generate", "--out", "churn.csv", "--rows", "2000"]
    subprocess.run(generate, cwd=lab.folder, env=lab.environment, check=True)
    done = lab.experiment("submit", "-c", "docker", "train.py", "--data", "churn.csv", "--depth", "4")
    assert done.code == 0, done.err
    record = lab.last()
    assert record["metrics"]["AUC"] > 0.6
    assert [entry["path"] for entry in record["outputs"]] == ["model.onnx", "service_schema.json"]
    assert list(record["inputs"]["data"]) == ["churn.csv"]
