"""Takes the body as it is: a service without a schema."""


def init() -> None:
    pass


def run(body: str) -> dict[str, object]:
    return {"type": type(body).__name__, "length": len(body)}
