"""What goes wrong before anything could be judged."""


class UnusableInputError(ValueError):
    """The input cannot be judged: not readable, not in the format, or about something unknown."""
