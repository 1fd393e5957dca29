"""Text of strangers, for documents."""


def printable(text: str) -> str:
    """Replace what no document may hold: control characters, and halves of characters.

    Parameters
    ----------
    text : str
        Anybody's.

    Returns
    -------
    str
        The same, line by line.
    """
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
