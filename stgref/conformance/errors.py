"""What goes wrong before anything could be judged."""


class UnusableInputError(ValueError):
    """The input cannot be judged: not readable, not in the format, or about something unknown."""


def said(error: BaseException) -> str:
    """Describe an error of a stranger's code, which may not even tell its own text.

    Parameters
    ----------
    error : BaseException
        The error.

    Returns
    -------
    str
        Its type, and its text if it has one.
    """
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  a stranger's too
        text = ""
    return f"{type(error).__name__}: {text}".removesuffix(": ")
