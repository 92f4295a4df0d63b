"""Idioms of 2017, before and after: what a person would write today, or one remark with the line."""

from __future__ import annotations

import pytest

from tests.projects.idioms import ESTIMATORS, MODULES, NUMPY_IDIOMS, PANDAS_IDIOMS
from workbench.projects.old import LEFT_OUT, NEEDS_YOU, TRANSLATED, Verdict
from workbench.projects.old.codemods import Setting, rewrite

PANDAS = "import pandas as pd\ndf = pd.read_csv('a.csv')\n"
NUMPY = "import numpy as np\n"
BOTH = "import numpy as np\nimport pandas as pd\ndf = pd.read_csv('a.csv')\n"


def _new(text: str) -> str:
    made = rewrite(text + "\n", "a.py", Setting())
    assert [each for each in made.remarks if each.verdict == NEEDS_YOU] == []
    assert made.text is not None
    return made.text.removesuffix("\n")


@pytest.mark.parametrize(("before", "after"), PANDAS_IDIOMS, ids=[before for before, _ in PANDAS_IDIOMS])
def test_an_idiom_of_old_pandas_becomes_todays(before: str, after: str) -> None:
    assert _new(PANDAS + before) == PANDAS + after


@pytest.mark.parametrize(("before", "after"), NUMPY_IDIOMS, ids=[before for before, _ in NUMPY_IDIOMS])
def test_an_alias_of_old_numpy_becomes_what_it_stood_for(before: str, after: str) -> None:
    assert _new(NUMPY + before) == NUMPY + after


@pytest.mark.parametrize(
    ("before", "after"), [*MODULES, *ESTIMATORS], ids=[each for each, _ in [*MODULES, *ESTIMATORS]]
)
def test_an_import_or_an_estimator_of_2017_becomes_todays(before: str, after: str) -> None:
    assert _new(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "things = []\nthings.append(1)\nthings.sort()\n",
        "found = [things.append(each) for each in range(3)]\n",
        "table = {'a': [1, 2]}\ntable['a'][0] = 5\n",
        "import math\nmath.ix = 1\nx = math.nan\n",
        "def drop(x, y):\n    return x\n\n\ndrop(1, 1)\n",
        "from sklearn.model_selection import KFold\nfor a, b in KFold(n_splits=3).split(X):\n    pass\n",
        "# a remark\nx = 1  # kept\r\n",
    ],
)
def test_code_that_is_of_today_stays_as_it_is(text: str) -> None:
    made = rewrite(text, "a.py", Setting())
    assert (made.text, list(made.remarks)) == (text, [])


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("import pandas as pd\nx = pd.Panel(y)\n", 2, "pandas.Panel is gone"),
        ("from sklearn.datasets import load_boston\n", 1, "load_boston is gone"),
        ("import numpy as np\n\nx = np.foo_bar\n", 3, "numpy.foo_bar is gone"),
        ("import pandas as pd\n\ndf.groupby('a').agg({'b': {'c': 'sum'}})\n", 3, "agg takes no names"),
        ("from sklearn.preprocessing import OneHotEncoder\nOneHotEncoder(n_values=3)\n", 2, "has no n_values"),
        ("search.grid_scores_\n", 1, "grid_scores_ is gone"),
        ("from azureml.dataprep import package\ndf = package.run('a.dprep')\n", 1, "azureml.dataprep does not exist"),
        ("df.ix[0:3, 1] = 5\n", 1, "rows by label, columns by place"),
    ],
)  # fmt: skip
def test_what_cannot_be_rewritten_is_one_remark_with_its_line(text: str, line: int, what: str) -> None:
    made = rewrite(text, "a.py", Setting())
    (remark,) = [each for each in made.remarks if each.verdict == NEEDS_YOU]
    assert remark.line == line
    assert what in remark.why
    assert remark.what == text.splitlines()[line - 1]


SCORE = '''"""Scores."""
from azureml.api.schema.dataTypes import DataTypes
from azureml.api.realtime.services import generate_schema
from azureml.datacollector import ModelDataCollector
from azureml.logging import get_azureml_logger
import pickle

logger = get_azureml_logger()


def init():
    global model, collector
    model = pickle.load(open('./outputs/model.pkl', 'rb'))
    collector = ModelDataCollector('model.pkl', identifier='inputs')


def run(rows):
    collector.collect(rows)
    logger.log('rows', len(rows))
    return model.predict(rows)


if __name__ == '__main__':
    init()
    generate_schema(run, {'rows': DataTypes.PANDAS}, filepath='service_schema.json')
'''
SERVED = '''"""Scores."""
import pickle
from pathlib import Path


def model_file(path):
    """Give the path of the model's file: below models/ in a service, elsewhere as it is."""
    return str(next(Path("models").rglob(Path(path).name), path))


def init():
    global model
    model = pickle.load(open(model_file("outputs/model.pkl"), 'rb'))


def run(rows):
    print('rows', len(rows))
    return model.predict(rows)


if __name__ == '__main__':
    from azureml.api.schema.dataTypes import DataTypes
    from azureml.api.realtime.services import generate_schema
    init()
    generate_schema(run, {'rows': DataTypes.PANDAS}, filepath='service_schema.json')
'''


def test_a_score_script_is_what_a_person_would_write_for_a_service_and_a_run() -> None:
    made = rewrite(SCORE, "score.py", Setting(served=True, finds_model=True, outputs=frozenset({"model.pkl"})))
    assert made.text == SERVED
    verdicts: dict[int, set[Verdict]] = {}
    for each in made.remarks:
        verdicts.setdefault(each.line, set()).add(each.verdict)
    assert verdicts == {
        2: {TRANSLATED}, 3: {TRANSLATED}, 4: {LEFT_OUT}, 5: {TRANSLATED}, 8: {LEFT_OUT}, 13: {TRANSLATED},
        14: {LEFT_OUT}, 18: {LEFT_OUT}, 19: {TRANSLATED},
    }  # fmt: skip


def test_a_path_of_somebodys_own_machine_becomes_the_projects_file() -> None:
    files = frozenset({"data/a.csv"})
    for path in ("'C:\\\\Users\\\\me\\\\old\\\\data\\\\a.csv'", "r'data\\a.csv'", "'/home/me/old/data/a.csv'"):
        made = rewrite(f"f = open({path})\n", "a.py", Setting(files=files))
        assert made.text == 'f = open("data/a.csv")\n'


def test_a_module_with_the_name_of_a_package_of_ours_gets_another_in_all_imports() -> None:
    text = "import model\nimport model as m\nfrom model.parts import x\nmodel.fit(m, x)\n"
    made = rewrite(text, "a.py", Setting(local={"model": "own_model"}))
    assert made.text == (
        "import own_model as model\nimport own_model as m\nfrom own_model.parts import x\nmodel.fit(m, x)\n"
    )


def test_lines_of_a_notebook_become_remarks() -> None:
    text = "%matplotlib inline\nx = 1\nif x:\n    !pip install foo\nget_ipython().magic('time')\n"
    made = rewrite(text, "a.py", Setting())
    assert made.text == "# %matplotlib inline\nx = 1\nif x:\n    pass  # !pip install foo\n"
    assert [each.line for each in made.remarks] == [1, 4, 5]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("x = 1\nprint 'hello'\n", 2, "is Python 2"),
        ("try:\n    pass\nexcept ValueError, e:\n    pass\n", 3, "is Python 2"),
        ("x = (\n", 1, "is no Python 3"),
        ("x = 1\0\n", 1, "is no Python 3"),
        ("x = " + "-" * 3000 + "1\n", 1, "kept as it is"),
        ("x = " + "(" * 300 + ")" * 300 + "\n", 1, "is no Python 3"),
        ("x = " + " + ".join(["'a'"] * 4000) + "\n", 1, "is nested too deeply"),
        ("x = a" + ".b" * 3000 + "\n", 1, "is nested too deeply"),
    ],
)  # fmt: skip
def test_a_script_that_cannot_be_read_stays_with_one_clear_line(text: str, line: int, why: str) -> None:
    made = rewrite(text, "a.py", Setting())
    (remark,) = made.remarks
    assert made.text == text
    assert (remark.line, remark.verdict) == (line, NEEDS_YOU)
    assert why in remark.why
