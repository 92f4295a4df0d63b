"""The 29 columns of the churn data and what each one is for. Facts only."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["integer", "number", "string"]

LABEL = "churn"
CUSTOMER = "customerid"
MISSING = "\\N"


@dataclass(frozen=True)
class Column:
    """One column; `kind` is what its present values are."""

    name: str
    kind: Kind


COLUMNS = (
    Column("age", "integer"),
    Column("annualincome", "integer"),
    Column("calldroprate", "number"),
    Column("callfailurerate", "number"),
    Column("callingnum", "integer"),
    Column("customerid", "integer"),
    Column("customersuspended", "string"),
    Column("education", "string"),
    Column("gender", "string"),
    Column("homeowner", "string"),
    Column("maritalstatus", "string"),
    Column("monthlybilledamount", "integer"),
    Column("noadditionallines", "integer"),
    Column("numberofcomplaints", "integer"),
    Column("numberofmonthunpaid", "integer"),
    Column("numdayscontractequipmentplanexpiring", "integer"),
    Column("occupation", "string"),
    Column("penaltytoswitch", "integer"),
    Column("state", "string"),
    Column("totalminsusedinlastmonth", "integer"),
    Column("unpaidbalance", "integer"),
    Column("usesinternetservice", "string"),
    Column("usesvoiceservice", "string"),
    Column("percentagecalloutsidenetwork", "number"),
    Column("totalcallduration", "integer"),
    Column("avgcallduration", "integer"),
    Column("churn", "integer"),
    Column("year", "integer"),
    Column("month", "integer"),
)

# A number that names a customer says nothing of the next customer.
_IDENTIFIERS = frozenset({CUSTOMER, "callingnum"})

FEATURES = tuple(column for column in COLUMNS if column.name != LABEL and column.name not in _IDENTIFIERS)
