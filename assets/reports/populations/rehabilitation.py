"""People in rehabilitation, by its form, at the end of the last month; and the communes of which no form tells of anybody.

The forms of the communes tell who is at home or in the community, those of the centres who is there.
"""

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from assets.reports.dimensions import LEAST_TOLD, Dimension
from assets.reports.indicator import Control
from assets.reports.reconcile import Counted, Finding
from schemas.dataset import UNKNOWN_UNIT
from schemas.registry import dataset_named

LAW = "TT 05/2011/TT-BLĐTBXH"
OF_COMMUNES = {
    "family": "Tự nguyện tại gia đình",
    "community": "Tự nguyện tại cộng đồng",
    "ordered": "Bắt buộc tại cộng đồng",
}
OF_CENTRES = {"centre_voluntary": "Tự nguyện tại cơ sở", "centre_ordered": "Bắt buộc tại cơ sở"}
CODES = {item: str(number) for number, item in enumerate((*OF_COMMUNES, *OF_CENTRES), start=1)}
FORM_OF_REHABILITATION = Dimension(
    name="hinh_thuc_cai_nghien",
    title="Hình thức cai nghiện",
    values={CODES[item]: title for item, title in (OF_COMMUNES | OF_CENTRES).items()},
    always=tuple(CODES.values()),
    protected=True,
    least=LEAST_TOLD,
)


def _told(table: str, unit: str, items: dict[str, str]) -> str:
    told = ", ".join(f"('{CODES[item]}', {item}_closing)" for item in items)
    return f"""
        select coalesce({unit}, '{UNKNOWN_UNIT}') as unit, t.hinh_thuc_cai_nghien, t.people
        from core.{table} f cross join lateral (values {told}) as t (hinh_thuc_cai_nghien, people) where f.period = :month"""


IN_REHABILITATION = f"""{_told("social_evils_prevention_commune_forms", "f.unit_code", OF_COMMUNES)}
    union all {_told("social_evils_prevention_centre_forms", "f.district_code", OF_CENTRES)}"""

# A commune whose form tells nothing of an item is not known to be free of it.
OF_EVIL = ("family", "community", "ordered", "aftercare", "relapsed")
COMMUNES = f"""
    select unit_code as unit, {" and ".join(f"{item}_closing = 0" for item in OF_EVIL)} as is_free
    from core.social_evils_prevention_commune_forms where period = :month"""


def every_form_tells(items: Mapping[str, Sequence[str]]) -> Control:
    """A control over items of a dataset's forms: an item that is left blank is no zero, and the sum is then of the other forms alone."""

    def control(counted: Counted, code: str) -> Iterator[Finding]:
        for name, read in items.items():
            blank = " or ".join(f"{item}_closing is null" for item in read)
            dataset = dataset_named(name)
            query = sa.text(f"select count(*) from core.{dataset.table} where period = :month and ({blank})")
            if forms := counted.connection.execute(query, counted.parameters).scalar_one():
                told = f"{dataset.title}: {forms} biểu để trống số cuối kỳ; ô trống không phải là 0, số liệu này chưa gồm phần để trống"
                yield Finding(code, told, "for_sender")

    return control
