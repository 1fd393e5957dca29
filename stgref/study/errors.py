"""What goes wrong in a study once it runs."""


class StudyError(RuntimeError):
    """A block of a study could not be computed; its ``__cause__`` says why."""
