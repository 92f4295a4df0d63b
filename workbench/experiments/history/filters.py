"""Filter and sort expressions of lists: `status=completed`, `metric.roc_auc>0.8`, `since=2d`. Knows no record.

A fact's name may hold anything but signs; one that does is put in double quotes: `"metric.p<0.05">0.5`.
"""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from workbench.core.errors import ParameterError
from workbench.core.spelling import did_you_mean

T = TypeVar("T")

_FORM = re.compile(r"""(?:"([^"]+)"\s*+|([^"=!<>]++))(>=|<=|!=|==|=|>|<)(.*)""", re.DOTALL)
_AGO = re.compile(r"([0-9]{1,12})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_TIMES = {"since": ">=", "until": "<="}
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_WHOLE = re.compile(r"[+-]?[0-9]{1,4000}")
_SHOWN = 12


@dataclass(frozen=True)
class Filter:
    """One condition: a fact's name, a sign of `= != > >= < <=`, and the text it is compared with.

    `=` and `!=` take `*` and `?` as wildcards, and nothing at all for a fact that is not there. A number that is NaN
    equals `nan`, and is neither above nor below anything.
    """

    text: str
    field: str
    sign: str
    value: str

    def holds(self, fact: Any) -> bool:  # noqa: ANN401 - any fact
        """Whether it is true of a thing with this fact. Raises ParameterError for a text where a number is needed."""
        if self.sign in ("=", "!="):
            return self._equals(fact) is (self.sign == "=")
        if fact is None:
            return False
        left, right = (fact, self._number()) if isinstance(fact, int | float) else (str(fact), self.value)
        return bool(_ORDERS[self.sign](left, right))

    def _equals(self, fact: object) -> bool:
        if fact is None or not self.value:
            return fact is None and not self.value
        if isinstance(fact, bool):
            return _YES_NO.get(self.value.lower()) is fact
        if isinstance(fact, int | float):
            number = self._number()
            return fact == number or (_is_nan(fact) and _is_nan(number))
        # Brackets are a part of a value, such as a list's, and no wildcard.
        return fnmatchcase(str(fact), self.value.replace("[", "[[]"))

    def _number(self) -> int | float:
        try:
            # Not all by float: it takes long ids that differ for one number.
            number = int(self.value) if _WHOLE.fullmatch(self.value) else float(self.value)
        except ValueError as error:
            raise ParameterError(
                f"--filter {self.text!r:.200}: {self.field} is a number, {self.value!r:.100} is none; write"
                f" {self.field}>0.5"
            ) from error
        if _is_nan(number) and self.sign in _ORDERS:
            raise ParameterError(
                f"--filter {self.text!r:.200}: nothing is above or below nan; write {self.field}=nan or"
                f" {self.field}!=nan"
            )
        return number


def parse(text: str, when: str, now: datetime | None = None) -> Filter:
    """A filter from its text; `since` and `until` are about the fact `when`. Raises ParameterError."""
    form = _FORM.fullmatch(text.strip())
    field = (form.group(1) or form.group(2)).strip() if form else ""
    if not (form and field):
        raise ParameterError(
            f"--filter {text!r:.200}: write FIELD, one of = != > >= < <=, and a value, such as status=completed or"
            " since=2d"
        )
    sign, value = form.group(3), form.group(4).strip()
    sign = "=" if sign == "==" else sign
    if field not in _TIMES:
        return Filter(text, field, sign, value)
    if sign != "=":
        raise ParameterError(
            f"--filter {text!r:.200}: write {field}= with a time, such as {field}=2d or {field}=2026-01-31"
        )
    return Filter(text, when, _TIMES[field], _time(text, value, now or datetime.now(UTC)))


def select(
    items: Sequence[T],
    fact: Callable[[T, str], Any],
    names: Callable[[T], Iterable[str]],
    filters: Sequence[str] = (),
    sort: str | None = None,
    *,
    when: str,
) -> list[T]:
    """Those items of which all filters hold, sorted by the fact `sort` (falling with a `-` before it).

    `fact` gives an item's fact by name, None for one that it doesn't have, `names` all that it has; `when` is its time.
    Items without the fact come last, those with NaN before them, equal ones stay as they were. Raises ParameterError
    for an expression that can't be read and a fact that no item has.
    """
    chosen = list(items)
    for each in [parse(text, when) for text in filters]:
        known = _facts(chosen, fact, each.field)
        if each.value:
            _check(f"--filter {each.text!r}", each.field, known, items, fact, names)
        chosen = [item for value, item in known if each.holds(value)]
    if not sort:
        return chosen
    field = sort.removeprefix("-")
    known = _facts(chosen, fact, field)
    _check(f"--sort {sort}", field, known, items, fact, names)
    groups: list[list[tuple[Any, T]]] = [[], [], [], []]
    for value, item in known:
        groups[_group(value)].append((value, item))
    numbers, texts, *rest = groups
    falling = sort != field
    numbers.sort(key=lambda pair: pair[0], reverse=falling)
    texts.sort(key=lambda pair: str(pair[0]), reverse=falling)
    return [item for group in (numbers, texts, *rest) for _, item in group]


def _facts(items: Sequence[T], fact: Callable[[T, str], Any], field: str) -> list[tuple[Any, T]]:
    return [(fact(item, field), item) for item in items]


def _check(
    flag: str,
    field: str,
    known: Sequence[tuple[Any, T]],
    items: Sequence[T],
    fact: Callable[[T, str], Any],
    names: Callable[[T], Iterable[str]],
) -> None:
    """Raise ParameterError for a fact that none of `items` has; `known` is what those have that are left of them."""
    if (
        not items
        or any(value is not None for value, _ in known)
        or any(fact(item, field) is not None for item in items)
    ):
        return
    all_names = sorted({each for item in items for each in names(item)})
    shown = ", ".join(all_names[:_SHOWN]) + (", …" if len(all_names) > _SHOWN else "")
    meant = did_you_mean(field, all_names) or f"there is {shown}"
    raise ParameterError(f"{flag:.200}: nothing here has {field:.100}; {meant}")


def _is_nan(value: float) -> bool:
    return isinstance(value, float) and math.isnan(value)  # whole numbers may be too long for a float


def _group(value: Any) -> int:  # noqa: ANN401 - any fact
    """Numbers go first, then texts, then what is NaN, then what is not there; rising or falling."""
    if value is None:
        return 3
    if isinstance(value, int | float):
        return 2 if _is_nan(value) else 0
    return 1


def _time(text: str, value: str, now: datetime) -> str:
    """The time that `value` means, in the form that records have theirs, so that texts compare as times."""
    if ago := _AGO.fullmatch(value):
        try:
            moment = now - timedelta(seconds=int(ago.group(1)) * _SECONDS[ago.group(2)])
        except OverflowError as error:
            raise ParameterError(f"--filter {text!r:.200}: {value!r:.100} is before all time") from error
    else:
        try:
            moment = datetime.fromisoformat(value)
            # A time without a zone is that of the person who writes it.
            return moment.astimezone(UTC).isoformat(timespec="milliseconds")
        except (ValueError, OverflowError) as error:
            raise ParameterError(
                f"--filter {text!r:.200}: {value!r:.100} is no time; write 30m, 12h, 2d, 1w or a date such as"
                " 2026-01-31"
            ) from error
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
