"""Set rules of the prevention of social evils."""

from collections.abc import Callable

from tests.integration.set_rules.cases import CASES, Case
from tests.integration.set_rules.rows import CENTRE_FORMS, COMMUNE_FORMS, Warehouse


def form_of(w: Warehouse, dataset: str, sender: str, first: str, last: str) -> Callable[..., None]:
    def form(of: str, month: str, part: str, counts: tuple[int | None, int | None], name: str = "") -> None:
        told = {f"{first}_{part}": counts[0], f"{last}_{part}": counts[1], "commune_name": name or None}
        w.put(dataset, month, {"row_key": of, sender: of, "month": f"{month}-01", **told}, unit="40")

    return form


def _begins_where_the_month_before_ended(dataset: str, sender: str, first: str, last: str) -> Case:
    """`first` and `last` of the form's items. Over the turn of the year, when the month before is in another year's file."""

    def filled(w: Warehouse) -> tuple[str, set[str]]:
        form = form_of(w, dataset, sender, first, last)

        ended = {"goes-on": (5, 7), "first-differs": (5, 7), "last-differs": (5, 7), "told-less": (None, 7), "tells-less": (5, 7)}
        for of, counts in ended.items():
            form(of, "2024-12", "closing", counts)
        begins = {
            "goes-on": (5, 7),
            "first-differs": (6, 7),
            "last-differs": (5, 6),
            "told-less": (6, 7),
            "tells-less": (5, None),
        }
        for of, counts in begins.items():
            form(of, "2025-01", "opening", counts)
        form("missed-december", "2024-11", "closing", (5, 7))
        form("missed-december", "2025-01", "opening", (6, 8))
        form("anew", "2025-01", "opening", (6, 8))
        form("of-january", "2025-01", "closing", (5, 7))
        form("of-january", "2025-02", "opening", (6, 8))  # found in February, not in January
        assert w.found(dataset, "begins_where_the_month_before_ended", "2025-02") == {"of-january"}
        return "2025-01", {"first-differs", "last-differs"}

    return filled


for _forms, _sender, _items in (
    (COMMUNE_FORMS, "commune_code", ("family", "relapsed")),
    (CENTRE_FORMS, "centre_id", ("centre_ordered", "centre_voluntary")),
):
    CASES[_forms, "begins_where_the_month_before_ended"] = _begins_where_the_month_before_ended(_forms, _sender, *_items)
