"""Takes the body as text, without a schema, and answers a number."""


def init() -> None:
    pass


def run(body: str) -> int:
    return len(body)
