"""PySpark in a container: Debian's Java, a locked wheel, settings of spark_dependencies.yml, no network.

The base, the wheel and the image are kept by their content; only the first time takes minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import docker
import pytest

from tests.integration.laboratory import RUNCONFIG, Lab
from tests.tree import TREE

pytestmark = pytest.mark.long

SETTINGS = 'configuration:\n  "spark.app.name": "churn"\n  "spark.sql.shuffle.partitions": "2"\n'
SCRIPT = """
import os, sys
from azureml.logging import get_azureml_logger
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
rows = spark.read.csv(sys.argv[2], header=True, inferSchema=True)
log = get_azureml_logger()
log.log("rows", rows.count())
columns = ["age", "annualincome", "calldroprate", "callfailurerate", "unpaidbalance"]
ready = VectorAssembler(inputCols=columns, outputCol="features", handleInvalid="skip").transform(rows)
model = LogisticRegression(labelCol="churn", maxIter=2).fit(ready)
log.log("AUC", BinaryClassificationEvaluator(labelCol="churn").evaluate(model.transform(ready)))
context = spark.sparkContext
print(context.master, context.appName, spark.conf.get("spark.sql.shuffle.partitions"), os.listdir("/sys/class/net"))
model.write().overwrite().save("file://" + os.path.abspath("outputs/model"))
"""


@pytest.fixture
def spark(lab: Lab, engines: dict[str, str]) -> Lab:
    """The project with PySpark; its base image is made if it never was."""
    made = subprocess.run(
        [sys.executable, "-m", "workbench.toolchain", "build", "spark"],
        cwd=TREE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    known = Path(engines["WORKBENCH_HOME"], "images.json").read_text()
    Path(lab.environment["WORKBENCH_HOME"], "images.json").write_text(known)
    lab.write(
        docker__runconfig=RUNCONFIG.format("docker", "PySpark"),
        conda_dependencies__yml="dependencies:\n  - python=3.11\n  - numpy\n",
        spark_dependencies__yml=SETTINGS,
    )
    return lab


def test_a_pyspark_script_over_the_sample_is_prepared_run_and_recorded(spark: Lab) -> None:
    generate = ["workbench", "data", "generate", "--out", "churn.csv", "--rows", "2000"]
    subprocess.run(generate, cwd=spark.folder, env=spark.environment, check=True, capture_output=True)
    prepared = spark.experiment("prepare", "-c", "docker", "-o", "json")
    assert prepared.code == 0, prepared.err
    assert json.loads(prepared.out)["base"].startswith("workbench-spark:")
    done = spark.submit(SCRIPT, "--data", "churn.csv")
    assert done.code == 0, done.out[-2000:] + done.err
    assert "local[*] churn 2 ['lo']" in done.out.splitlines()
    record = spark.last()
    assert (record["framework"], record["status"], record["metrics"]["rows"]) == ("PySpark", "completed", 2000)
    assert 0.5 < record["metrics"]["AUC"] < 1
    assert "model/metadata/_SUCCESS" in [entry["path"] for entry in record["outputs"]]
    assert list(record["inputs"]["data"]) == ["churn.csv"]


def test_an_image_without_java_is_refused_with_what_to_do(spark: Lab, engine: docker.DockerClient) -> None:
    base = json.loads(Path(spark.environment["WORKBENCH_HOME"], "images.json").read_text())["debian"]
    assert engine.images.get(base)
    spark.write(docker__compute=f"type: docker\nbaseDockerImage: {base}\n")
    done = spark.submit("print(1)\n")
    assert (done.code, done.err.count("\n")) == (1, 1), done.err
    assert f"baseDockerImage: {base} has no java that runs, which Framework PySpark needs" in done.err
