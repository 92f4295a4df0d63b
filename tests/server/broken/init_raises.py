def init() -> None:
    raise FileNotFoundError("models/churn/model.onnx\nis not here")


def run(input_df: list[object]) -> object:
    return input_df
