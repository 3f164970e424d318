"""How figures are written in Vietnam: 1.234.567,8."""

_MARKS = str.maketrans(".,", ",.")


def grouped(count: int) -> str:
    """1234567 -> 1.234.567."""
    return f"{count:,}".translate(_MARKS)


def decimal(number: float) -> str:
    """1234.56 -> 1.234,6."""
    return f"{number:,.1f}".translate(_MARKS)
