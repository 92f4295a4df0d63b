"""Takes the body as text: a service without a schema."""


def init() -> None:
    pass


def run(body: str) -> dict[str, object]:
    return {"length": len(body), "first": body[:5]}
