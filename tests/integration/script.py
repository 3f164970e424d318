"""`python -m tests.integration.script TEXT ARGUMENT ...`: run the text of a program, as `python -c` does."""

import sys

if __name__ == "__main__":
    text = sys.argv.pop(1)
    exec(compile(text, "script", "exec"), {"__name__": "__main__"})
