"""The population check in a province: a night without access, the first check, a night with a dead service, and what is told of each."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import openpyxl
import pytest

from pipelines.runtime.instance import existing
from pipelines.schedules import population_schedule
from resources.clock import ZONE
from resources.settings import Settings
from tests.fixtures.population_service import Service, population_service
from tests.integration.agreement import check_nowhere, checks_in_the_ui
from tests.integration.province import Province, province

MATCHES, KNOWN = "matches_population_database", "known_to_population_database"
PERSONS = """
    select unit_code, row_key, identity_number, upper(full_name), coalesce(to_char(birth_date, 'YYYY-MM-DD'), birth_year::text)
    from core.{table} where identity_number is not null and full_name is not null
        and (entitled_until is null or entitled_until > date '2024-11-20') order by row_key"""


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    """One without access whose check has not begun: what the demo's platform said on the first night is forgotten."""
    with province(after_first_night=True) as found:
        without = found.having(POPULATION_URL="")
        without.ansinh("population", "forget")
        found.execute("truncate ops.population_calls")
        yield without


@pytest.fixture(scope="module")
def service(made: Province) -> Iterator[Service]:
    """It knows everybody of the province as they stand, but for one who is otherwise and one who is not there."""
    with population_service() as standing:
        for table in ("meritorious_persons_profiles", "social_protection_beneficiaries"):
            standing.known |= {number: (name, born) for _, _, number, name, born in made.rows(PERSONS.format(table=table))}
        for number, name, born in made.rows(
            """select identity_number, upper(full_name), coalesce(to_char(birth_date, 'YYYY-MM-DD'), birth_year::text)
                from core.job_service_seekers where identity_number is not null"""
        ):
            standing.known.setdefault(number, (name, born))
        yield standing


def granted(made: Province, url: str) -> Province:
    return made.having(POPULATION_URL=url, POPULATION_CLIENT_ID="thu", POPULATION_CLIENT_SECRET="mat-khau-thu")


def findings(made: Province) -> dict[tuple[str, str], str]:
    rows = made.rows(
        "select row_key, rule, message from quarantine.remarks where resolved_at is null and rule = any(:r)", r=[MATCHES, KNOWN]
    )
    return {(r.row_key, r.rule): r.message for r in rows}


def test_a_province_without_access_runs_without_it_in_words(made: Province) -> None:
    assert "chưa cấu hình đối chiếu dân cư: chưa được cấp quyền đối chiếu" in made.doctor()
    told = made.ansinh("population", "check").stdout
    assert "chưa được cấp quyền đối chiếu" in told
    assert json.loads(made.ansinh("population", "status", "--json").stdout)["calls_today"] == 0
    made.having(POPULATION_URL="http://127.0.0.1:9").ansinh("population", "check", "--limit", "0", status=2)


def test_who_is_paid_is_asked_about_first_and_what_is_found_is_told_where_warnings_are(
    made: Province, service: Service, tmp_path: Path
) -> None:
    asking = granted(made, service.url)
    assert "tốt đối chiếu dân cư: đăng nhập được, không mã hóa, trên chính máy này" in asking.doctor() and service.calls == []
    paid = {
        r.identity_number
        for r in made.rows(
            """select distinct b.identity_number from core.social_protection_beneficiaries b
                join core.social_protection_monthly_payments p using (beneficiary_id) where b.identity_number is not null"""
        )
    } | {
        r.identity_number
        for r in made.rows(
            """select distinct b.identity_number from core.meritorious_persons_profiles b
                join core.meritorious_persons_monthly_payments p using (profile_id) where b.identity_number is not null"""
        )
    }
    told = asking.ansinh("population", "check", "--limit", "20").stdout
    assert "khớp 20" in told and "1 lượt" in told and len(service.persons) == 20 and set(service.persons) <= paid

    counted = "select source, dataset, period, unit_code, rows_received, rows_accepted, rows_rejected from ops.cells order by 1, 2, 3, 4"
    before = made.rows(counted)
    left = [
        r for r in made.rows(PERSONS.format(table="meritorious_persons_profiles")) if r.identity_number not in service.persons
    ]
    other, nobody = left[0], left[1]
    service.known[other.identity_number] = ("NGƯỜI KHÁC", "1900")
    del service.known[nobody.identity_number]
    asking.ansinh("population", "check")
    assert made.rows(counted) == before
    card = json.loads(asking.ansinh("population", "status", "--json").stdout)
    found = findings(made)
    assert {(other.row_key, MATCHES), (nobody.row_key, KNOWN)} <= found.keys()
    assert all("Cơ sở dữ liệu quốc gia về dân cư" in message for message in found.values())
    assert card["granted"] and card["persons"]["mismatch"] >= 1 and card["findings"] == len(found)
    listed = json.loads(made.ansinh("quarantine", "list", "--source", "meritorious_persons", "--json").stdout)
    assert {(s["rule"], s["weight"]) for s in listed if s["rule"] in (MATCHES, KNOWN)} == {
        (MATCHES, "identity"),
        (KNOWN, "identity"),
    }
    made.ansinh("quarantine", "export", "--unit", other.unit_code, "--period", "now", "--into", str(tmp_path / "gui.xlsx"))
    cells = [
        c for sheet in openpyxl.load_workbook(tmp_path / "gui.xlsx") for row in sheet.iter_rows(values_only=True) for c in row
    ]
    assert found[other.row_key, MATCHES] in cells
    evaluation = checks_in_the_ui(made)["core/meritorious_persons/profiles", "rows_follow_rules"]
    assert MATCHES in str(evaluation.metadata["cảnh báo theo quy tắc"].value), "the check of the register says so the same night"
    for number in (other.identity_number, nobody.identity_number):
        check_nowhere(made, number)
    asking.ansinh("population", "check")
    assert findings(made) == found and json.loads(asking.ansinh("population", "status", "--json").stdout) == card


@pytest.mark.landing
def test_a_dead_service_stops_nothing_else(made: Province, service: Service) -> None:
    made.ansinh("population", "forget")
    other = made.rows(PERSONS.format(table="meritorious_persons_profiles"))[0]
    service.known[other.identity_number] = ("NGƯỜI KHÁC", "1900")
    granted(made, service.url).ansinh("population", "check")
    made.ansinh("demo", "day", "+1")
    found = findings(made)
    changed = made.change(
        "meritorious_persons",
        "update ncc_ho_so set ho_ten = ho_ten || ' Em' where ma_ho_so_ncc = any(:keys)",
        keys=[key for key, rule in found if rule == MATCHES],
    )
    assert changed
    card = granted(made, "http://127.0.0.1:9").nightly(status=1)
    assert len(card["failures"]) == 1 and "Đối chiếu với CSDLQG về dân cư" in card["failures"][0]
    assert not any(s["failed_datasets"] for s in card["systems"]) and made.one(
        "select ended_at from ops.nights order by night desc limit 1"
    )
    assert len(findings(made)) == len(found) - changed, "of a row that was corrected nothing is known any more; the others stand"
    assert card["population"]["calls_today"] == 0, "nobody was asked about"
    assert card["population"]["granted"] and card["population"]["findings"] == len(found) - changed


def test_what_was_said_is_forgotten_by_hand(made: Province) -> None:
    told = made.ansinh("population", "forget").stdout
    assert "Đã bỏ kết quả của" in told and findings(made) == {} and made.one("select count(*) from ops.population_checks") == 0
    assert made.one("select count(*) from ops.population_calls") > 0


def test_the_schedule_waits_for_the_sources_until_five_and_asks_for_nothing_without_access(
    made: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSINH_HOME", str(made.home))
    monkeypatch.setenv("POPULATION_URL", "")
    with existing(Settings("demo", made.home)) as instance:

        def tick(hour: int) -> dg.SkipReason | dg.RunRequest:
            at = dt.datetime(2024, 11, 22, hour, tzinfo=ZONE)
            return population_schedule(dg.build_schedule_context(instance=instance, scheduled_execution_time=at))

        assert "chưa được cấp quyền đối chiếu" in (tick(5).skip_message or "")
        monkeypatch.setenv("POPULATION_URL", "http://127.0.0.1:9")
        assert "chưa chạy xong" in (tick(2).skip_message or "")
        assert tick(5).run_key == "population-2024-11-22"
