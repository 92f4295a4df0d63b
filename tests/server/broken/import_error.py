import a_wheel_nobody_locked  # type: ignore[import-not-found] # that is what is broken here


def init() -> None:
    pass


def run(input_df: list[object]) -> object:
    return a_wheel_nobody_locked.score(input_df)
