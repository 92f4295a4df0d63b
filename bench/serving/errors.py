"""The one error of this benchmark: a line that says what, where, why and what next."""


class BenchError(Exception):
    """Something that makes a measurement impossible or worthless."""
