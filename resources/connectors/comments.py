"""Text of views and functions without its comments, as any road to a database looks through it."""

import re

# A comment that nothing ends goes on to the end: else each beginning after it would be followed there again.
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


def without_comments(text: str) -> str:
    return _COMMENT.sub(" ", text)
