"""Takes rows and a limit beside them, and answers an object."""


def init() -> None:
    pass


def run(rows: list[dict], limit: float) -> dict:
    kept = [row["price"] for row in rows if row["price"] is not None and row["price"] <= limit]
    return {"kept": kept, "of": len(rows)}
