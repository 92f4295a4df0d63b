"""What is wrong with what policies are told: one line that names key, value, reason and what to do."""


class PolicyError(Exception):
    """A key of the stack's policies, or a promotion's evidence, that can't be used."""
