"""A seeded, invented sample in the shape of the lab's churn file. Owns how customers come about; writes no file.

Customers leave for reasons that their columns show in part: bad lines, unpaid bills, a contract about to end, few
minutes and a small penalty; the rest is noise, so a good model stays well below certainty.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.columns import COLUMNS, MISSING

CHURN_RATE = 0.09
ROWS_PER_CUSTOMER = 20_000 / 9_500
MAX_MONTHS = 12
ENDING_DAYS = 80
_STATES = np.array("AL AR AZ CA CO CT DC FL GA IA ID IL KS MA MI MN MO NC NJ NV NY OH OR PA SC TN TX UT VA WA".split())
_EDUCATION = np.array(
    ["High School or below", "Bachelor or equivalent", "Master or equivalent", "PhD or equivalent"]
)
_OCCUPATION = np.array(["Others", "Non-technology Related Job", "Technology Related Job"])
_HEADERS = {"customerid": "CustomerId", "callingnum": "CallingNum", "annualincome": "AnnualIncome", "state": "State"}

Floats = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[np.generic]]


def generate(rows: int, seed: int) -> bytes:
    """`rows` lines of CSV under a header in mixed case: the same arguments give the same bytes."""
    rng = np.random.default_rng(seed)
    customers = max(1, round(rows / ROWS_PER_CUSTOMER))
    who, month = _months(rng, rows, customers)
    person = _people(rng, customers)
    trouble = {name: rng.normal(size=customers) for name in ("line", "money", "bond")}
    columns = {name: values[who] for name, values in person.items()}
    columns |= _usage(rng, {name: values[who] for name, values in trouble.items()}, columns, month)
    columns["churn"] = _churn(rng, person, trouble)[who].astype(np.int64)
    frame = pd.DataFrame({column.name: columns[column.name] for column in COLUMNS})
    return frame.rename(columns=_HEADERS).to_csv(index=False, lineterminator="\n").encode()


def _months(rng: np.random.Generator, rows: int, customers: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
    """For each row the customer's index and the month (1…12): each customer has at least one, in sequence."""
    extra = rng.permutation(np.repeat(np.arange(customers), MAX_MONTHS - 1))[: rows - customers]
    counts = 1 + np.bincount(extra, minlength=customers)
    who = np.repeat(np.arange(customers), counts)
    month = np.arange(rows) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    return who, month


def _people(rng: np.random.Generator, count: int) -> Columns:
    """What does not change from month to month, one value a customer."""
    age = np.clip(rng.normal(45, 16, count), 18, 90).astype(np.int64)
    education = rng.choice(4, count, p=[0.38, 0.36, 0.19, 0.07])
    occupation = np.clip(education - 1 + rng.integers(0, 2, count), 0, 2)
    income = np.exp(rng.normal(10.7, 0.45, count) + 0.18 * education + 0.12 * occupation)
    return {
        "age": age,
        "annualincome": income.astype(np.int64),
        "callingnum": 2_000_000_000 + rng.choice(4_000_000_000, count, replace=False),
        "customerid": np.arange(1, count + 1),
        "customersuspended": _yes(rng.random(count) < 0.12),
        "education": _EDUCATION[education],
        "gender": np.where(rng.random(count) < 0.5, "Female", "Male"),
        "homeowner": _yes(rng.random(count) < np.clip(0.1 + age / 90, 0, 0.85)),
        "maritalstatus": np.where(rng.random(count) < np.clip(age / 75, 0.1, 0.7), "Married", "Single"),
        "noadditionallines": np.where(rng.random(count) < 0.7, MISSING, rng.integers(0, 4, count).astype(str)),
        "occupation": _OCCUPATION[occupation],
        "penaltytoswitch": rng.integers(0, 500, count),
        "state": _STATES[np.minimum(rng.exponential(9, count).astype(int), len(_STATES) - 1)],
        "usesinternetservice": _yes(rng.random(count) < 0.62),
        "usesvoiceservice": _yes(rng.random(count) < 0.55),
        "contractend": rng.integers(0, 400, count),
    }


def _usage(
    rng: np.random.Generator, trouble: Mapping[str, Floats], person: Columns, month: npt.NDArray[np.int64]
) -> Columns:
    """What a month shows: one value a row. `trouble` and `person` have one value a row, too."""
    count = len(month)
    dropped = np.clip(0.045 + 0.022 * trouble["line"] + rng.normal(0, 0.008, count), 0, 0.3)
    failed = np.clip(0.025 + 0.012 * trouble["line"] + rng.normal(0, 0.006, count), 0, 0.2)
    unpaid = rng.poisson(np.exp(0.2 + 0.8 * trouble["money"])).clip(0, 9)
    minutes = np.exp(5.1 + 0.6 * trouble["bond"] + rng.normal(0, 0.3, count))
    average = rng.gamma(6, 60, count).clip(20, 1500).astype(np.int64)
    return {
        "calldroprate": dropped.round(2),
        "callfailurerate": failed.round(2),
        "monthlybilledamount": (12 + minutes * 0.22 + rng.gamma(2, 9, count)).astype(np.int64),
        "numberofcomplaints": rng.poisson(np.exp(-1.1 + 0.75 * trouble["line"])).clip(0, 6),
        "numberofmonthunpaid": unpaid,
        "numdayscontractequipmentplanexpiring": np.maximum(person["contractend"].astype(np.int64) - 30 * (month - 1), 0),
        "totalminsusedinlastmonth": minutes.astype(np.int64),
        "unpaidbalance": (unpaid * rng.gamma(3, 14, count)).astype(np.int64),
        "percentagecalloutsidenetwork": np.clip(rng.beta(2, 3, count), 0, 1).round(2),
        "totalcallduration": (average * rng.integers(1, 14, count)).astype(np.int64),
        "avgcallduration": average,
        "year": np.full(count, 2015),
        "month": month,
    }


def _churn(rng: np.random.Generator, person: Columns, trouble: Mapping[str, Floats]) -> npt.NDArray[np.bool_]:
    """One label a customer; the share of true ones is CHURN_RATE, whatever the seed."""
    ending = np.asarray(person["contractend"]) < ENDING_DAYS
    free = 1 - np.asarray(person["penaltytoswitch"]).astype(np.float64) / 500
    online = person["usesinternetservice"] == "Yes"
    pull = (
        1.1 * trouble["line"]
        + 0.8 * np.maximum(trouble["money"], 0)
        - 0.7 * trouble["bond"]
        + 1.5 * ending * free
        + 0.9 * (trouble["line"] > 1) * online
        + 0.5 * (person["customersuspended"] == "Yes")
        + rng.logistic(0, 0.9, len(free))
    )
    leavers = round(CHURN_RATE * len(pull))
    chosen = np.zeros(len(pull), dtype=np.bool_)
    chosen[np.argsort(-pull, kind="stable")[: max(1, leavers)]] = True
    return chosen


def _yes(values: npt.NDArray[np.bool_]) -> npt.NDArray[np.str_]:
    return np.where(values, "Yes", "No")
