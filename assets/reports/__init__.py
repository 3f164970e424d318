"""National reports: one file an indicator, one file a form, and the shared mechanics of filling, deciding and filing.

`REPORT_ASSETS` is looked up late: whoever only files a form does not load the orchestrator.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "REPORT_ASSETS":
        from assets.reports.asset import REPORT_ASSETS

        return REPORT_ASSETS
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
