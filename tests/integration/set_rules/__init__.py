"""Cases of set rules: each lays rows that break its rule, and rows that come close, and tells which must be found.

A module for each field of the rules; importing the package registers the cases of all of them.
"""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
