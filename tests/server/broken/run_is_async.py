def init() -> None:
    pass


async def run(input_df: list[object]) -> object:
    return input_df
