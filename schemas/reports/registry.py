"""All declared forms, and which of them are due on a day."""

import datetime as dt

from schemas.reports import as_n, as_t
from schemas.reports.form import Form

FORMS: tuple[Form, ...] = (as_t.FORM, as_n.FORM)


def form_named(code: str) -> Form:
    for form in FORMS:
        if form.code == code:
            return form
    raise KeyError(f"Không có biểu báo cáo {code!r}; các biểu đã khai báo: {', '.join(f.code for f in FORMS)}.")


def due_forms(today: dt.date) -> list[tuple[Form, str]]:
    """Every form and period whose due day has come and whose whole window the sources hold, oldest first."""
    return [(form, period) for form in FORMS for period in form.periods_due(today)]
