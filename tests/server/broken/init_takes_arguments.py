def init(folder: str) -> str:
    return folder


def run(input_df: list[object]) -> object:
    return input_df
