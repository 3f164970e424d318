"""Bad data at a real source, a night over it, and what becomes of each: its row, its cell, never more.

Rows are changed as the system's own users would; each takes a sound row of its own.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from schemas import units
from tests.integration.agreement import check_reconciled, check_ui_agrees
from tests.integration.province import Province, province

pytestmark = pytest.mark.landing

REGISTER = "social_protection", "beneficiaries"

NEXT_YEAR, TODAY = dt.date(2025, 8, 1), dt.date(2024, 11, 20)
# A commune as it will be called once it has taken in its neighbours; the code is older.
NOT_YET = next(
    c
    for code, c in sorted(units.communes_on(NEXT_YEAR).items())
    if units.fold_commune(c.name) != units.fold_commune(units.communes_on(TODAY)[code].name)
)

# What is written into a sound row of the register, and the rule that it breaks.
REJECTED = {
    "unknown_code": ({"ma_xa_goc": "99999"}, "commune_code"),
    "not_yet_valid": ({"ma_xa_goc": NOT_YET.code, "ten_xa": NOT_YET.name}, "commune_name"),
    "number_where_a_date_was": ({"ngay_huong": "45231x"}, "entitled_from"),
    "name_of_ten_thousand_letters": ({"ho_ten": "Nguyễn " * 1700}, "full_name"),
    "letters_where_an_amount_was": ({"muc_tro_cap": "năm trăm"}, "allowance_vnd"),
    "amount_beyond_64_bits": ({"muc_tro_cap": "12.345.678.901.234.567.890.123"}, "allowance_vnd"),
    "day_of_the_year_0": ({"ngay_huong": "0000-01-01"}, "entitled_from"),
    "day_before_christ": ({"ngay_quyet_dinh": "0044-03-15 BC"}, "decision_date"),
    "text_of_ten_thousand_letters": ({"thon_xom": "ệ" * 10_000}, "hamlet"),
}
REPAIRED = {
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "zero_width": lambda name: name[:2] + "\u200b" + name[2:],
    "control_characters": lambda name: name[:2] + "\x07" + name[2:],
}


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True) as found:
        yield found


def sound(made: Province, count: int) -> list[Any]:
    """Rows of the register without a finding, whose names have diacritics: (key, name, unit)."""
    rows = made.rows(
        """select beneficiary_id, full_name, unit_code from core.social_protection_beneficiaries b
        where status_code = 1 and full_name ~ '[ễạảấ]' and identity_number is not null
            and not exists (select from quarantine.remarks r where r.row_key = b.row_key and r.resolved_at is null)
        order by row_key limit :n""",
        n=count,
    )
    assert len(rows) == count
    return rows


def write(made: Province, key: str, changes: dict[str, str]) -> None:
    sets = ", ".join(f"{column} = :{column}" for column in changes)
    assert (
        made.change("social_protection", f"update btxh_doi_tuong set {sets} where ma_doi_tuong = :key", key=key, **changes) == 1
    )


def test_a_bad_row_stops_itself_with_every_rule_it_broke_and_a_mendable_one_is_mended(made: Province) -> None:
    *rows, (long, _, _), (one, _, _), (other, _, _) = sound(made, len(REJECTED) + len(REPAIRED) + 3)
    kept = {}
    write(made, long, {"ma_doi_tuong": "".join(chr(0x4E00 + n) for n in range(250))})
    write(made, other, {"ma_doi_tuong": one.lower()})
    for (fault, (changes, _)), (key, name, unit) in zip(REJECTED.items(), rows, strict=False):
        write(made, key, changes)
        kept[fault] = (key, name, unit)
    for (fault, spoil), (key, name, unit) in zip(REPAIRED.items(), rows[len(REJECTED) :], strict=True):
        write(made, key, {"ho_ten": spoil(name)})
        kept[fault] = (key, name, unit)
    accepted = made.one("select count(*) from core.social_protection_beneficiaries")
    assert made.nightly("--source", "social_protection")["failures"] == []
    for fault, (_, column) in REJECTED.items():
        key, _, _ = kept[fault]
        found = made.rows("select failures from quarantine.rows where row_key = :k and resolved_at is null", k=key)
        assert len(found) == 1, fault
        assert any(f["column"].startswith(column) or column in f["column"] for f in found[0][0]), (fault, found[0][0])
        assert all(f["message"] for f in found[0][0])
        assert made.one("select count(*) from core.social_protection_beneficiaries where row_key = :k", k=key) == 0
    for fault in REPAIRED:
        key, name, _ = kept[fault]
        assert made.one("select full_name from core.social_protection_beneficiaries where row_key = :k", k=key) == name, fault
        kinds = made.rows("select kind from quarantine.remarks where row_key = :k and resolved_at is null", k=key)
        assert ("repaired",) in kinds, fault
    assert made.one("select count(*) from core.social_protection_beneficiaries") == accepted - len(REJECTED) - 1
    too_long = made.rows(
        "select failures from quarantine.rows where resolved_at is null and length(received ->> 'ma_doi_tuong') = 250"
    )
    assert [f["rule"] for f in too_long[0][0]] == ["beneficiary_id_readable", "key_complete"]
    alike = "select row_key from quarantine.remarks where rule = 'keys_differ_by_more_than_case' and resolved_at is null"
    assert sorted(made.rows(alike)) == sorted([(one,), (one.lower(),)])
    check_reconciled(made)
    check_ui_agrees(made)


def test_a_code_that_cannot_be_placed_stands_in_the_cell_of_the_unplaced(made: Province) -> None:
    waiting = made.one(
        "select rows_rejected from ops.cells where dataset = 'beneficiaries' and unit_code = 'unknown' and source = 'social_protection'"
    )
    assert waiting >= 1


def test_a_key_sent_twice_with_other_content_sets_both_aside_and_an_exact_copy_one(made: Province) -> None:
    doubled, copied = (
        r[0]
        for r in made.rows(
            """select beneficiary_id from core.social_protection_monthly_payments p where period = '2024-11'
            and not exists (select from quarantine.remarks r where r.row_key = p.row_key) order by row_key limit 2"""
        )
    )
    november = "from btxh_chi_tra where thang = '2024-11-01' and ma_doi_tuong = :k"
    for key in (doubled, copied):
        assert made.change("social_protection", f"insert into btxh_chi_tra select * {november}", k=key) == 1
    assert made.change(
        "social_protection", f"update btxh_chi_tra set so_tien = '1' where ctid = (select max(ctid) {november})", k=doubled
    )
    made.nightly("--source", "social_protection")
    current = "select count(*) from core.social_protection_monthly_payments where period = '2024-11' and beneficiary_id = :k"
    assert made.one(current, k=doubled) == 0, "nobody can say which of the two is right"
    assert made.one(current, k=copied) == 1, "an exact copy is one row"
    rules = made.rows(
        """select received ->> 'ma_doi_tuong' as key, f ->> 'rule' as rule from quarantine.rows, jsonb_array_elements(failures) f
        where dataset = 'monthly_payments' and period = '2024-11' and resolved_at is null
            and received ->> 'ma_doi_tuong' in (:a, :b) order by 1, 2""",
        a=doubled,
        b=copied,
    )
    assert sorted(r for k, r in rules if k == doubled) == ["unique_key", "unique_key"]
    assert [r for k, r in rules if k == copied] == ["no_duplicate_row"]
    check_reconciled(made)


def test_a_payment_of_a_month_to_come_is_rejected_and_one_before_all_months_counted(made: Province) -> None:
    key = made.one(
        "select ma_ho_so_ncc from ncc_chi_tra where thang = '2024-11-01' order by 1 limit 1", "source_meritorious_persons"
    )
    assert made.change(
        "meritorious_persons",
        "update ncc_chi_tra set thang = '2025-06-01' where thang = '2024-11-01' and ma_ho_so_ncc = :k",
        k=key,
    )
    earlier = "thang = '2024-10-01' and ma_ho_so_ncc <> :k"
    assert made.change(
        "meritorious_persons",
        f"update ncc_chi_tra set thang = '1999-05-01' where ctid = (select min(ctid) from ncc_chi_tra where {earlier})",
        k=key,
    )
    made.nightly("--source", "meritorious_persons")
    assert "có 1 dòng ở nguồn ghi ngày trước kỳ 2024-01" in made.ansinh("status", "--source", "meritorious_persons").stdout
    rules = made.rows(
        """select f ->> 'rule' from quarantine.rows, jsonb_array_elements(failures) f
        where source = 'meritorious_persons' and resolved_at is null and received ->> 'ma_ho_so_ncc' = :k""",
        k=key,
    )
    assert len(rules) >= 1
    assert made.one("select count(*) from core.meritorious_persons_monthly_payments where period > '2024-11'") == 0
    check_reconciled(made)


def test_rows_of_another_district_stay_in_their_own_cell(made: Province) -> None:
    """A person who moves is loaded where the row now says, by a night that looks at both cells."""
    (key, _, unit), *_ = sound(made, 1)
    other, name = made.rows(
        "select commune_code, commune_name from core.social_protection_beneficiaries where unit_code <> :u order by 1 limit 1",
        u=unit,
    )[0]
    write(made, key, {"ma_xa_goc": other, "ten_xa": name})
    made.nightly("--source", "social_protection")
    now = made.rows("select unit_code from core.social_protection_beneficiaries where beneficiary_id = :k", k=key)
    assert len(now) == 1 and now[0][0] != unit
    check_reconciled(made)


WHOLE_CELLS = ("tolerance", "all-bad", "shrink", "empty", "resend")


def large_cells(made: Province, count: int) -> list[str]:
    """Units whose list of the open month is large, largest first.

    It and the one before it are in the database, not in a file beside it; and no row of it is rejected, since one without a month
    stays in the cell when the list of that month is gone.
    """
    return [
        r[0]
        for r in made.rows(
            """select n.unit_code from ops.cells n join ops.cells b using (source, dataset, unit_code)
            where source = 'social_protection' and dataset = 'monthly_payments' and n.period = '2024-11' and b.period = '2024-10'
                and n.rows_accepted > 15 and b.rows_accepted > 15 and n.rows_rejected = 0 and not n.came_beside and not b.came_beside
            order by n.rows_accepted desc, n.unit_code limit :n""",
            n=count,
        )
    ]


def test_a_cell_that_is_wrong_as_a_whole_is_refused_keeps_its_last_version_and_stops_no_other(made: Province) -> None:
    units = dict(zip(WHOLE_CELLS, large_cells(made, len(WHOLE_CELLS)), strict=True))
    before = dict(
        made.rows(
            "select unit_code, rows_accepted from ops.cells where source = 'social_protection' and dataset = 'monthly_payments'"
            " and period = '2024-11'"
        )
    )
    for kind, unit in units.items():
        made.ansinh(
            "demo", "fault", kind, "--source", "social_protection", "--dataset", "monthly_payments", "--period", "2024-11",
            "--unit", unit,
        )  # fmt: skip
    done = made.ansinh("nightly", "--source", "social_protection", status=1)
    cells = {
        r.unit_code: r
        for r in made.rows(
            "select unit_code, status, last_outcome, rows_accepted from ops.cells where source = 'social_protection'"
            " and dataset = 'monthly_payments' and period = '2024-11'"
        )
    }
    for kind, unit in units.items():
        assert cells[unit].last_outcome == "refused", kind
        assert cells[unit].rows_accepted == before[unit], kind
        assert f"2024-11|{unit}" in done.stderr
    others = {u for u, c in cells.items() if c.last_outcome == "refused"} - set(units.values())
    assert others == set()
    refused = made.rows("select reason from ops.arrivals where outcome = 'refused'")
    assert any("confirm-shrink" in r[0] for r in refused) and any("giống hệt" in r[0] for r in refused)
    check_reconciled(made)
    check_ui_agrees(made)


def test_an_emptied_cell_is_taken_only_with_a_confirmation_and_its_reason(made: Province) -> None:
    unit = made.one(
        """select unit_code from ops.arrivals where outcome = 'refused' and rows_received = 0 and source = 'social_protection'
        order by id desc limit 1"""
    )
    cell = ("--source", "social_protection", "--dataset", "monthly_payments", "--period", "2024-11", "--unit", unit)
    refused = made.ansinh("backfill", *cell, "--reason", "Thử", "--by", "Cán bộ thử", status=1)
    assert "confirm-shrink" in refused.stderr
    made.ansinh("backfill", *cell, "--reason", "Huyện chuyển chi trả sang xã", "--by", "Cán bộ thử", "--confirm-shrink")
    state = made.rows(
        "select last_outcome, rows_accepted from ops.cells where source = 'social_protection' and dataset = 'monthly_payments'"
        " and period = '2024-11' and unit_code = :u",
        u=unit,
    )[0]
    assert state == ("accepted", 0)
    assert made.rows("select reason, outcome from ops.backfills order by id")[-2:] == [
        ("Thử", "refused"),
        ("Huyện chuyển chi trả sang xã", "accepted"),
    ]
    check_reconciled(made)
    check_ui_agrees(made)
