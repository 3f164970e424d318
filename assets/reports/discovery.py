"""Declarations found by being there: a file of a package is what it declares, and there is no list of them.

A file that cannot be read, or declares nothing of its own code, is told where it is used, and stops nothing else.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from types import ModuleType
from typing import Generic, Protocol, TypeVar


class HasCode(Protocol):
    @property
    def code(self) -> str: ...


Declared = TypeVar("Declared", bound=HasCode)


@dataclass(frozen=True)
class Found(Generic[Declared]):
    """What the files of a package declare, by the file's name, and why some could not be read."""

    declared: dict[str, tuple[Declared, ...]]
    unreadable: dict[str, str]


def module_of(code: str) -> str:
    """The name of the file that declares a code: AS-T stands in as_t.py."""
    return code.lower().replace("-", "_")


def discover(package: ModuleType, kind: type[Declared]) -> Found[Declared]:
    """Everything of a kind that a module of the package holds at its top and that bears the module's code, in its order there."""
    declared, unreadable = {}, {}
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        try:
            module = importlib.import_module(f"{package.__name__}.{name}")
        except Exception as error:
            unreadable[name] = f"{name}.py: {type(error).__name__}: {error}"
            continue
        held = dict.fromkeys(value for value in vars(module).values() if isinstance(value, kind))
        if own := tuple(one for one in held if module_of(one.code) == name):
            declared[name] = own
        else:
            unreadable[name] = f"{name}.py: không khai {kind.__name__} nào có mã {name.upper()}"
    return Found(declared, unreadable)
