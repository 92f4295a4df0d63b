"""The retired service's names for scripts. On the path of submitted runs alone: import nothing of it by `model`."""
