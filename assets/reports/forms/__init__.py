"""The forms, one a file of its code: a list of indicators under a regime, when it is due, what must hold between its figures.

Found by being there. A file that cannot be read is no form; its asset says why.
"""

import sys

from assets.reports.discovery import discover
from assets.reports.form import Form
from schemas.reports.regimes import KINDS

_found = discover(sys.modules[__name__], Form)

UNREADABLE: dict[str, str] = _found.unreadable
FORMS: tuple[Form, ...] = tuple(
    sorted((held[0] for held in _found.declared.values()), key=lambda form: ([*KINDS, form.kind].index(form.kind), form.code))
)


def form_named(code: str) -> Form:
    for form in FORMS:
        if form.code == code:
            return form
    raise KeyError(f"Không có biểu báo cáo {code!r}; các biểu đã khai báo: {', '.join(f.code for f in FORMS)}.")
