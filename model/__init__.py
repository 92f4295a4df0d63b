"""The churn project's model: its columns and data, how it is fitted, measured and exported."""
