def init() -> None:
    pass


def run(**arguments: object) -> object:
    return arguments
