"""Filter and sort expressions of lists: `status=completed`, `metric.roc_auc>0.8`, `since=2d`. Knows no record."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from model.errors import ParameterError
from model.spelling import did_you_mean

T = TypeVar("T")

_FORM = re.compile(r"([A-Za-z_][\w.-]*)\s*(>=|<=|!=|=|>|<)(.*)", re.DOTALL)
_AGO = re.compile(r"(\d+)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_TIMES = {"since": ">=", "until": "<="}
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_SHOWN = 12


@dataclass(frozen=True)
class Filter:
    """One condition: a fact's name, a sign of `= != > >= < <=`, and the text it is compared with.

    `=` and `!=` take `*` and `?` as wildcards, and nothing at all for a fact that is not there.
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
        left, right = (float(fact), self._number()) if isinstance(fact, int | float) else (str(fact), self.value)
        order = (left > right) - (left < right)  # type: ignore[operator]  # both are numbers or both are texts
        return {">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0}[self.sign]

    def _equals(self, fact: object) -> bool:
        if fact is None or not self.value:
            return fact is None and not self.value
        if isinstance(fact, bool):
            return _YES_NO.get(self.value.lower()) is fact
        if isinstance(fact, int | float):
            return float(fact) == self._number()
        return fnmatchcase(str(fact), self.value)

    def _number(self) -> float:
        try:
            return float(self.value)
        except ValueError as error:
            raise ParameterError(
                f"--filter {self.text!r}: {self.field} is a number, {self.value!r} is none; write {self.field}>0.5"
            ) from error


def parse(text: str, when: str, now: datetime | None = None) -> Filter:
    """A filter from its text; `since` and `until` are about the fact `when`. Raises ParameterError."""
    form = _FORM.fullmatch(text.strip())
    if not form:
        raise ParameterError(
            f"--filter {text!r}: write FIELD, one of = != > >= < <=, and a value, such as status=completed or since=2d"
        )
    field, sign, value = form.group(1), form.group(2), form.group(3).strip()
    if field not in _TIMES:
        return Filter(text, field, sign, value)
    if sign != "=":
        raise ParameterError(f"--filter {text!r}: write {field}= with a time, such as {field}=2d or {field}=2026-01-31")
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
    Items without the fact come last, equal ones stay as they were. Raises ParameterError for an expression that can't
    be read and a fact that no item has.
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
    present = [(value, item) for value, item in known if value is not None]
    present.sort(key=lambda pair: _place(pair[0]), reverse=sort != field)
    return [item for _, item in present] + [item for value, item in known if value is None]


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
    raise ParameterError(f"{flag}: nothing here has {field}; {meant}")


def _place(value: Any) -> tuple[int, Any]:  # noqa: ANN401 - any fact
    return (0, value) if isinstance(value, int | float) else (1, str(value))


def _time(text: str, value: str, now: datetime) -> str:
    """The time that `value` means, in the form that records have theirs, so that texts compare as times."""
    if ago := _AGO.fullmatch(value):
        try:
            moment = now - timedelta(seconds=int(ago.group(1)) * _SECONDS[ago.group(2)])
        except OverflowError as error:
            raise ParameterError(f"--filter {text!r}: {value!r} is before all time") from error
    else:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise ParameterError(
                f"--filter {text!r}: {value!r} is no time; write 30m, 12h, 2d, 1w or a date such as 2026-01-31"
            ) from error
    # A time without a zone is that of the person who writes it.
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
