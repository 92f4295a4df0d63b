"""Numbers of things as messages tell them. Pure."""


def counted(number: int, what: str) -> str:
    """`1 change`, `2 changes`, `1,500 rows of data` by `row of data`: the first word is the thing."""
    thing, blank, rest = what.partition(" ")
    return f"{number:,} {thing}{'' if number == 1 else 's'}{blank}{rest}"
