import json
import os
import select
import stat
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from bench.serving import environments, load, processes, results, rounds
from bench.serving.client import Client, check, check_answer
from bench.serving.errors import BenchError
from bench.serving.load import Load
from bench.serving.markdown import markdown
from bench.serving.rounds import CELLS, Round
from bench.serving.running import SERVER_CORE, running
from bench.serving.server import LOCKS
from bench.serving.servers.constant import Constant
from bench.serving.servers.mlserver import Mlserver
from bench.serving.servers.ours import Ours
from bench.serving.subject import Batch, Subject
from workbench.registry.manifests.manifest import Manifest

ANSWERS = {1: b'[{"probability": 0.5}]', 100: b"[%s]" % b", ".join(100 * [b'{"probability": 0.5}'])}


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    batches = {size: [Batch(size * [{"age": 30, "state": "WA"}], size * [0.25])] for size in ANSWERS}
    return Subject(manifest=Manifest("", tmp_path, {}), pipeline=tmp_path / "pipeline.pkl", batches=batches)


@pytest.fixture
def constant(subject: Subject, tmp_path: Path) -> Constant:
    folder = tmp_path / "constant"
    folder.mkdir()
    server = Constant(subject, Path(sys.executable), folder)
    server.prepare(ANSWERS)
    return server


def _round(rate: float, p99: float, failures: int = 0) -> Round:
    one = Load(requests=100, requests_per_second=rate, p50_ms=1, p99_ms=p99, failures=failures, busy=0.1)
    return Round(start_seconds=float(rate), memory_mib=1.0, core_taken=0.0, cells=dict.fromkeys(CELLS, one))


def test_ratios_say_how_much_faster_ours_is_and_how_much_slower_than_constant() -> None:
    measured = {"ours": [_round(100, 2)], "constant": [_round(300, 1)], "mlflow": [_round(4, 50)]}

    found = results.ratios(results.table(measured))

    assert found["ratios"] == {"constant": 3, "mlflow": 25}
    assert found["p99_ratios"] == {"constant": 0.5, "mlflow": 25}


def test_what_was_not_measured_has_no_number() -> None:
    found = results.ratios(results.table({"ours": [_round(100, 2)]}), ["mlserver"])

    assert found == {"ratios": {"mlserver": None}, "p99_ratios": {"mlserver": None}}


def test_without_ours_there_are_no_ratios() -> None:
    assert results.ratios(results.table({"mlflow": [_round(4, 50)]})) == {"ratios": {}, "p99_ratios": {}}


def test_a_cell_has_the_median_of_its_rounds_and_all_their_failures() -> None:
    entries = results.table({"ours": [_round(100, 2), _round(10, 9, failures=1), _round(90, 3, failures=2)]})

    assert len(entries) == len(CELLS)
    assert entries[0]["requests_per_second"] == 90
    assert entries[0]["p99_ms"] == 3
    assert entries[0]["spread"] == [10, 100]
    assert entries[0]["failures"] == 3
    assert results.failures(entries) == 3 * len(CELLS)


def test_every_server_comes_once_a_round_and_begins_or_ends_some(constant: Constant) -> None:
    others = [type(name, (Constant,), {"name": name}) for name in ("one", "two")]
    servers = [constant, *(each(constant.subject, constant.python, constant.folder) for each in others)]

    orders = [[server.name for server in rounds.order(servers, number)] for number in range(3)]

    assert orders == [["constant", "one", "two"], ["constant", "two", "one"], ["two", "constant", "one"]]


def test_a_measurement_is_read_from_the_last_line_of_wrks_script() -> None:
    told = 'noise\n{"requests": 500, "microseconds": 2000000, "p50": 1500, "p99": 20000, "failures": 3}\n'

    assert load.read(told, used_seconds=1.0) == Load(500, 250, 1.5, 20, 3, 0.5)


def test_a_server_that_answers_nothing_is_no_measurement() -> None:
    told = '{"requests": 0, "microseconds": 2000000, "p50": 0, "p99": 0, "failures": 16}'

    with pytest.raises(BenchError, match="no request was answered in 2 s, 16 failed"):
        load.read(told, used_seconds=1.0)


def test_a_file_of_requests_is_its_owners_alone_as_a_key_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "requests"

    load.write_requests(file, {"Authorization": "Bearer key"}, [b"{}", b"[]"])

    assert file.read_text() == "Authorization: Bearer key\n\n{}\n[]\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("lock", sorted(LOCKS.glob("*.txt")), ids=lambda lock: lock.stem)
def test_others_have_the_scikit_learn_that_pickled_the_pipeline(lock: Path) -> None:
    assert environments.pins(lock)["scikit-learn"] == version("scikit-learn")
    assert "://" not in lock.read_text()


def test_pins_are_read_with_and_without_hashes(tmp_path: Path) -> None:
    lock = tmp_path / "some.txt"
    lock.write_text("one==1.0\nnumpy==2.4.6 \\\n    --hash=sha256:0\nuvicorn[standard]==3.0 ; python_version > '3'\n")

    assert environments.pins(lock) == {"one": "1.0", "numpy": "2.4.6", "uvicorn": "3.0"}
    assert environments.versions(lock) == {"numpy": "2.4.6", "uvicorn": "3.0"}


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b'[{"probability": 0.2501}]', "a probability is 0.0001 away"),
        (b'[{"probability": NaN}]', "a probability is nan away"),
        (b"[]", "answered 0 probabilities to 1 rows"),
        (b'[{"prediction": 1}]', "answered otherwise than it should"),
        (b"Healthy", "answered otherwise than it should"),
    ],
)
def test_an_answer_that_is_not_scikit_learns_is_refused(
    subject: Subject, tmp_path: Path, answer: bytes, complaint: str
) -> None:
    server = Ours(subject, Path(sys.executable), tmp_path)

    check_answer(server, subject.batches[1][0], b'[{"probability": 0.250005}]')
    with pytest.raises(BenchError, match=complaint):
        check_answer(server, subject.batches[1][0], answer)


def test_a_request_to_mlserver_has_a_column_an_input(subject: Subject, tmp_path: Path) -> None:
    server = Mlserver(subject, Path(sys.executable), tmp_path)

    age, state = json.loads(server.body([{"age": 30, "state": "WA"}, {"age": None, "state": "TX"}]))["inputs"]

    assert age == {"name": "age", "shape": [2, 1], "data": [30, None], "datatype": "FP64"}
    assert (state["datatype"], state["data"]) == ("BYTES", ["WA", "TX"])


def test_the_constant_server_answers_as_many_bytes_from_its_core_and_is_gone_afterwards(constant: Constant) -> None:
    with running(constant) as up:
        check(constant, up.port)
        with Client(constant, up.port) as client:
            told = {rows: client.ask(batches[0]) for rows, batches in constant.subject.batches.items()}
        pids = processes.tree(up.pid)
        cores = {core for pid in pids for core in os.sched_getaffinity(pid)}
        memory, used = processes.memory_mib(up.pid), processes.cpu_seconds(up.pid)

    assert told == ANSWERS
    assert cores == {SERVER_CORE}
    assert memory > 1
    assert 0 < used < processes.core_seconds(SERVER_CORE)
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_the_end_of_a_process_is_the_end_of_all_it_started() -> None:
    with subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 600 & echo; wait"], stdout=subprocess.PIPE) as shell:
        assert shell.stdout
        shell.stdout.readline()
        pids = processes.tree(shell.pid)
        handles = [os.pidfd_open(pid) for pid in pids]

        processes.end(shell, within_seconds=0.1)

    assert len(pids) == 2
    assert all(select.select([handle], [], [], 10)[0] for handle in handles)
    for handle in handles:
        os.close(handle)


def test_a_server_that_ends_at_its_start_is_told_with_its_last_words(constant: Constant) -> None:
    constant.python = Path(sys.executable).with_name("no-such-python")

    with pytest.raises(BenchError, match=r"constant ended with 127 at its start: .*no-such-python"), running(constant):
        pytest.fail("it started")


def test_the_table_tells_every_server_and_why_one_is_missing() -> None:
    measured = {"ours": [_round(100, 2)], "mlflow": [_round(4, 50)]}
    entries = results.table(measured)
    document = {
        "date": "2026-11-23",
        "machine": {"processor": "some", "cores": 2},
        "table": entries,
        "servers": results.servers(measured, {"ours": 1.0, "mlflow": 2.0}) | {"mlserver": None},
        "unmeasured": {"mlserver": "it does not start"},
        "reading": results.READING,
        **results.ratios(entries, ["mlserver"]),
    }

    table = markdown(document)

    assert "| ours | 1 | 16 | 100 | 1.00 | 2.00 | 0 |" in table
    assert "| mlflow | 4.0 | 1.0 | 2.0 | 0.0 | 25.0 | 25.0 |" in table
    assert "mlserver was not measured: it does not start." in table
