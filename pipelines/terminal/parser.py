"""The parser of every command: an option is given once, and no value is empty.

A script whose variable is unset asks with an empty value, and of an option that is given twice argparse would hear the last alone:
each would be answered as something else than what was asked.
"""

import argparse
from collections.abc import Callable, Sequence
from typing import Any


def whole(what: str, least: int, most: int) -> Callable[[str], int]:
    """The type of an option that is a whole number within bounds."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(most)) else -1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"cần {what} từ {least} đến {most}")
        return number

    return read


class Parser(argparse.ArgumentParser):
    """An option that may be repeated says so itself (`append`, `extend`)."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in (None, "store"):
            self.register("action", name, _Once)

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        if not arg_string and action.nargs != argparse.PARSER:  # the words after the name of a command are its own parser's
            raise argparse.ArgumentError(action, "giá trị để trống")
        return super()._get_value(action, arg_string)


class _Once(argparse.Action):
    """Keeps the one value; a second one is refused."""

    _is_given = False

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        if self._is_given and self.option_strings:
            raise argparse.ArgumentError(self, "chỉ nêu một lần")
        self._is_given = True
        setattr(namespace, self.dest, values)
