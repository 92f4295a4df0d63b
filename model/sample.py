"""A seeded, invented sample in the shape of the lab's churn file. Owns how customers come about; writes no file.

Customers leave for reasons that their columns show in part: bad lines, unpaid bills, a contract about to end with a
small penalty, few minutes; the rest is chance, so that a good model stays well below certainty.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.columns import COLUMNS
from workbench.tables.cell import MISSING

CHURN_RATE = 0.09
ROWS_PER_CUSTOMER = 20_000 / 9_500
MAX_MONTHS = 12
DAYS_A_MONTH = 30
LARGEST_PENALTY = 500
_STATES = np.array(
    """AL AR AZ CA CO CT DC FL GA IA ID IL IN KS KY LA MA MD MI MN MO MS NC NE NJ NM NV NY OH OK OR PA SC TN TX UT VA
    WA WI WV""".split()  # noqa: SIM905 - forty quoted names are harder to read
)
_EDUCATION = np.array(["High School or below", "Bachelor or equivalent", "Master or equivalent", "PhD or equivalent"])
_OCCUPATION = np.array(["Others", "Non-technology Related Job", "Technology Related Job"])
_HEADERS = {"customerid": "CustomerId", "callingnum": "CallingNum", "annualincome": "AnnualIncome", "state": "State"}

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Columns = dict[str, npt.NDArray[np.generic]]


def generate(rows: int, seed: int) -> bytes:
    """`rows` lines of CSV under a header in mixed case: the same arguments give the same bytes."""
    rng = np.random.default_rng(seed)
    customers = max(1, round(rows / ROWS_PER_CUSTOMER))
    who, month = _months(rng, rows, customers)
    # What nobody writes down of a customer: how bad the line is, how short the money, how strong the bond.
    hidden = {name: rng.normal(size=customers) for name in ("line", "money", "bond")}
    days_left = rng.integers(0, 400, customers)
    person = _people(rng, customers)
    columns = {name: values[who] for name, values in person.items()}
    columns |= _usage(rng, {name: values[who] for name, values in hidden.items()}, month)
    columns["numdayscontractequipmentplanexpiring"] = np.maximum(days_left[who] - DAYS_A_MONTH * (month - 1), 0)
    columns["churn"] = _churn(rng, person, hidden, days_left)[who].astype(np.int64)
    frame = pd.DataFrame({column.name: columns[column.name] for column in COLUMNS})
    return frame.rename(columns=_HEADERS).to_csv(index=False, lineterminator="\n").encode()


def _months(rng: np.random.Generator, rows: int, customers: int) -> tuple[npt.NDArray[np.intp], Integers]:
    """For each row the customer's index and the month (1…12): each customer has at least one, in sequence."""
    more = rng.permutation(np.repeat(np.arange(customers), MAX_MONTHS - 1))[: rows - customers]
    counts = 1 + np.bincount(more, minlength=customers)
    month = np.arange(rows) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    return np.repeat(np.arange(customers), counts), month


def _people(rng: np.random.Generator, count: int) -> Columns:
    """What does not change from month to month, one value a customer."""
    age = np.clip(rng.normal(45, 16, count), 18, 90).astype(np.int64)
    education = rng.choice(4, count, p=[0.38, 0.36, 0.19, 0.07])
    occupation = np.clip(education - 1 + rng.integers(0, 2, count), 0, 2)
    income = np.exp(rng.normal(10.7, 0.45, count) + 0.18 * education + 0.12 * occupation)
    lines = rng.integers(0, 4, count).astype(str)
    return {
        "age": age,
        "annualincome": income.astype(np.int64),
        "callingnum": 2_000_000_000 + rng.choice(4_000_000_000, count, replace=False),
        "customerid": np.arange(1, count + 1),
        "customersuspended": _yes(rng, 0.12, count),
        "education": _EDUCATION[education],
        "gender": _either(rng, 0.5, count, "Female", "Male"),
        "homeowner": _yes(rng, np.clip(0.1 + age / 90, 0, 0.85), count),
        "maritalstatus": _either(rng, np.clip(age / 75, 0.1, 0.7), count, "Married", "Single"),
        "noadditionallines": np.where(_yes(rng, 0.3, count) == "Yes", lines, MISSING),
        "occupation": _OCCUPATION[occupation],
        "penaltytoswitch": rng.integers(0, LARGEST_PENALTY, count),
        "state": _STATES[np.minimum(rng.exponential(9, count).astype(int), len(_STATES) - 1)],
        "usesinternetservice": _yes(rng, 0.62, count),
        "usesvoiceservice": _yes(rng, 0.55, count),
    }


def _usage(rng: np.random.Generator, hidden: Mapping[str, Floats], month: Integers) -> Columns:
    """What a month shows, one value a row; so has each of `hidden`."""
    count = len(month)
    minutes = np.exp(5.1 + 0.6 * hidden["bond"] + rng.normal(0, 0.3, count))
    unpaid = rng.poisson(np.exp(0.2 + 0.8 * hidden["money"])).clip(0, 9)
    average = rng.gamma(6, 60, count).clip(20, 1500).astype(np.int64)
    return {
        "calldroprate": (0.045 + 0.022 * hidden["line"] + rng.normal(0, 0.008, count)).clip(0, 0.3).round(2),
        "callfailurerate": (0.025 + 0.012 * hidden["line"] + rng.normal(0, 0.006, count)).clip(0, 0.2).round(2),
        "monthlybilledamount": (12 + minutes * 0.22 + rng.gamma(2, 9, count)).astype(np.int64),
        "numberofcomplaints": rng.poisson(np.exp(-1.1 + 0.75 * hidden["line"])).clip(0, 6),
        "numberofmonthunpaid": unpaid,
        "totalminsusedinlastmonth": minutes.astype(np.int64),
        "unpaidbalance": (unpaid * rng.gamma(3, 14, count)).astype(np.int64),
        "percentagecalloutsidenetwork": rng.beta(2, 3, count).round(2),
        "totalcallduration": average * rng.integers(1, 14, count),
        "avgcallduration": average,
        "year": np.full(count, 2015),
        "month": month,
    }


def _churn(
    rng: np.random.Generator, person: Columns, hidden: Mapping[str, Floats], days_left: Integers
) -> npt.NDArray[np.bool_]:
    """One label a customer; the share of true ones is CHURN_RATE, whatever the seed.

    Reasons meet: a bad line drives away those who are free to go, and open bills those who hardly call.
    """
    free = (days_left < 4 * DAYS_A_MONTH) & (person["penaltytoswitch"].astype(np.int64) < LARGEST_PENALTY // 2)
    bad_line = np.maximum(hidden["line"], 0)
    pull = (
        0.5 * hidden["line"]
        + bad_line * np.where(free, 2.4, 0.3)
        + 0.8 * np.maximum(hidden["money"] - 0.3, 0) * np.where(hidden["bond"] < 0, 2.0, 0.2)
        - 0.3 * hidden["bond"]
        + 0.9 * (free & (person["usesinternetservice"] == "Yes"))
        + 0.6 * (person["customersuspended"] == "Yes")
        + rng.logistic(0, 0.6, len(free))
    )
    leaving = np.zeros(len(pull), dtype=np.bool_)
    leaving[np.argsort(-pull, kind="stable")[: max(1, round(CHURN_RATE * len(pull)))]] = True
    return leaving


def _yes(rng: np.random.Generator, share: float | Floats, count: int) -> npt.NDArray[np.str_]:
    return _either(rng, share, count, "Yes", "No")


def _either(rng: np.random.Generator, share: float | Floats, count: int, one: str, other: str) -> npt.NDArray[np.str_]:
    return np.where(rng.random(count) < share, one, other)
