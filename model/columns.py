"""The 29 columns of the churn data and what each one is for. Facts only."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["integer", "number", "string"]

LABEL = "churn"
CUSTOMER = "customerid"


@dataclass(frozen=True)
class Column:
    """One column; `kind` is what its present values are.

    `minimum` and `maximum` bound a number, `categories` are all that a text can be: by what the column means, not
    by what some file happens to hold.
    """

    name: str
    kind: Kind
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None


_YES_NO = ("No", "Yes")

COLUMNS = (
    Column("age", "integer", minimum=0, maximum=150),
    Column("annualincome", "integer", minimum=0),
    Column("calldroprate", "number", minimum=0, maximum=1),
    Column("callfailurerate", "number", minimum=0, maximum=1),
    Column("callingnum", "integer"),
    Column("customerid", "integer"),
    Column("customersuspended", "string", categories=_YES_NO),
    Column("education", "string"),
    Column("gender", "string"),
    Column("homeowner", "string", categories=_YES_NO),
    Column("maritalstatus", "string"),
    Column("monthlybilledamount", "integer", minimum=0),
    Column("noadditionallines", "integer", minimum=0),
    Column("numberofcomplaints", "integer", minimum=0),
    Column("numberofmonthunpaid", "integer", minimum=0),
    Column("numdayscontractequipmentplanexpiring", "integer"),
    Column("occupation", "string"),
    Column("penaltytoswitch", "integer", minimum=0),
    Column("state", "string"),
    Column("totalminsusedinlastmonth", "integer", minimum=0),
    Column("unpaidbalance", "integer"),
    Column("usesinternetservice", "string", categories=_YES_NO),
    Column("usesvoiceservice", "string", categories=_YES_NO),
    Column("percentagecalloutsidenetwork", "number", minimum=0, maximum=1),
    Column("totalcallduration", "integer", minimum=0),
    Column("avgcallduration", "integer", minimum=0),
    Column("churn", "integer"),
    Column("year", "integer", minimum=1900, maximum=2200),
    Column("month", "integer", minimum=1, maximum=12),
)

# A number that names a customer says nothing of the next customer.
_IDENTIFIERS = frozenset({CUSTOMER, "callingnum"})

FEATURES = tuple(column for column in COLUMNS if column.name != LABEL and column.name not in _IDENTIFIERS)
