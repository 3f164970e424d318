"""A small hub for the report tests: a real warehouse on the embedded server, filled row by row, and the real gateway.

Rows go into the history tables and their arrivals through the ledger, as a load would leave them; persons are counters.
"""

import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa

from resources.clock import ZONE
from resources.embedded import server
from resources.reporting.client import NationalReporting, client
from resources.settings import Settings
from resources.warehouse.arrivals import backfills, dataset_pulls, ledger
from resources.warehouse.arrivals.backfills import Wish
from resources.warehouse.arrivals.cells import Arrival, DatasetCells, Kind
from resources.warehouse.arrivals.readings import Seen
from resources.warehouse.engine import Warehouse
from schemas import calendar, units
from schemas.dataset import PROVINCE, Dataset
from schemas.registry import DATASETS, dataset_named
from tests.integration.kept import copy_of, new_home, stop_unsynced
from tests.integration.warm import Started, warm

PROJECT = Path(__file__).resolve().parents[2]
DISTRICTS = [u.code for u in units.submitting_units(dt.date(2024, 11, 20))]

PERSON = {
    "commune_code": "16681",
    "full_name": "NGƯỜI THỬ",
    "birth_year": 1950,
    "sex_code": 1,
}
ENTITLED = PERSON | {"entitled_from": dt.date(2020, 1, 1), "status_code": 1}
DEFAULTS: dict[str, dict[str, Any]] = {
    "meritorious_persons.profiles": ENTITLED | {"category_code": "07A", "is_relative": False},
    "social_protection.beneficiaries": ENTITLED
    | {"group_code": "K5C", "coefficient": 1, "allowance_vnd": 500_000, "care_place_code": 1},
    "meritorious_persons.monthly_payments": {
        "commune_code": "16681",
        "amount_vnd": 2_789_000,
        "is_received": True,
        "payment_way_code": 1,
    },
    "social_protection.monthly_payments": {
        "commune_code": "16681",
        "amount_vnd": 500_000,
        "is_received": True,
        "payment_way_code": 1,
    },
    "labour_employment.jobs_created": {"sex_code": 1, "channel_code": 1},
    "labour_employment.overseas_workers": {"sex_code": 1, "country_code": "JPN", "passport_number": "Z0"},
    "labour_employment.unemployment_decisions": {
        "sex_code": 1,
        "paid_months": 12,
        "average_wage_vnd": 5_000_000,
        "benefit_vnd": 3_000_000,
        "benefit_months": 3,
        "status_code": 1,
    },
    "job_service.seekers": PERSON,
    "job_service.consultations": {"sex_code": 1, "topic_code": 1},
    "job_service.referrals": {"sex_code": 1, "result_code": 1, "vacancy_id": "V"},
    "job_service.job_fairs": {"commune_code": "16681", "seeker_count": 100},
    "vocational_education.institutions": {
        "commune_code": "16681",
        "institution_name": "Trường Mẫu",
        "institution_type_code": 1,
        "registered_date": dt.date(2017, 1, 1),
    },
    "vocational_education.enrolments": {"commune_code": "16681", "level_code": 3, "school_year": "2023-2024"}
    | {"quota_count": 100, "new_count": 0, "cumulative_count": 0},
    "vocational_education.graduates": {"commune_code": "16681", "level_code": 3, "intake_count": 100, "graduate_count": 0},
    "administrative_procedures.dossiers": {
        "procedure_code": "1.001776",
        "field_code": "BTXH",
        "applicant_type_code": 1,
        "status_code": 10,
        "office_code": "H41.412",
        "channel_code": 1,
    },
    "administrative_procedures.progress": {},
    "administrative_procedures.result_papers": {
        "kind_code": "QD-TCXH",
        "validity_code": 1,
        "sha256": "ab" * 32,
        "is_signed": True,
    },
    "children.profiles": PERSON | {"birth_year": 2016, "status_code": 1},
    "social_evils_prevention.commune_forms": {"commune_code": "16681"},
    "social_evils_prevention.centre_forms": {"commune_code": "16681"},
    "labour_employment.workers": PERSON | {"training_level_code": 1, "activity_code": 1, "collected_date": dt.date(2023, 10, 1)},
    "poverty.households": {
        "commune_code": "16681",
        "area_code": 2,
        "head_name": "CHỦ HỘ THỬ",
        "member_count": 4,
        "score_b1": 120,
        "score_b2": 30,
        "class_code": 1,
        "head_ethnicity_code": "01",
    }
    | {f"lacks_{n:02d}": False for n in range(1, 13)},
    "poverty.review_results": {
        "household_count": 100,
        "poor_count": 0,
        "near_poor_count": 0,
        "decision_number": "1/QĐ-MP",
        "decision_date": dt.date(2023, 12, 20),
    },
}
ASSISTANCE = ("social_protection.beneficiaries", "social_protection.monthly_payments")


def at(text: str) -> dt.datetime:
    """A moment in the province: `2024-11-20 02:00`."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(dt.UTC)


class SmallHub:
    """The warehouse of one test."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._serial = 0
        with engine.begin() as connection:
            tables = [f"history.{d.table}" for d in DATASETS]
            tables += [
                f"ops.{t}"
                for t in (
                    "cells",
                    "arrivals",
                    "pulls",
                    "datasets",
                    "backfills",
                    "deliveries",
                    "nights",
                    "report_submissions",
                    "report_looks",
                    "paper_uses",
                )
            ]
            for table in tables:  # few rows in many tables: to truncate them would make each of their files anew
                connection.execute(sa.text(f"delete from {table}"))

    def load(
        self,
        name: str,
        period: str,
        unit: str,
        rows: Sequence[dict[str, Any]],
        when: dt.datetime,
        outcome: str | None = None,
        *,
        kind: Kind = "whole",
        road: str = "sql",
        marked: dt.datetime | None = None,
        set_aside: int = 0,
    ) -> None:
        """Replace a cell, as a whole arrival at that moment would. `marked`: when the unit said that it had submitted; `set_aside`: how
        many rows came beside these, none of them good."""
        self.load_cells(name, period, {unit: rows}, when, outcome, kind=kind, road=road, marked=marked, set_aside=set_aside)

    def load_cells(
        self,
        name: str,
        period: str,
        units: Mapping[str, Sequence[dict[str, Any]]],
        when: dt.datetime,
        outcome: str | None = None,
        *,
        kind: Kind = "whole",
        road: str = "sql",
        marked: dt.datetime | None = None,
        set_aside: int = 0,
    ) -> None:
        """Replace cells of one period that arrive together: unit -> its rows."""
        dataset = dataset_named(name)
        arrivals = []
        for unit, rows in units.items():
            good = outcome or ("accepted" if rows or set_aside else "empty_declared")
            self._serial += 1
            accepted = 0 if good == "refused" else len(rows)
            pulled = len(rows) + set_aside
            arrivals.append(Arrival(unit, marked or when, f"{self._serial}", pulled, accepted, pulled - accepted, good))
        # The n-th payee of a unit is the n-th of its register, unless a row says otherwise.
        of_all = [
            (unit, ({"beneficiary_id": f"{unit}-{number}"} if name in ASSISTANCE else {}) | row)
            for unit, rows in units.items()
            for number, row in enumerate(rows)
        ]
        with self.engine.begin() as connection:
            if outcome != "refused":
                connection.execute(
                    sa.text(f"""update history.{dataset.table} set recorded_to = :now
                        where period = :period and unit_code = any(:units) and recorded_to is null"""),
                    {"now": when, "period": period, "units": list(units)},
                )
                self._insert(connection, dataset, period, of_all, when)
            cells = DatasetCells(self.engine, dataset, "t", "sql")
            cells.settle(connection, period, when, arrivals, {}, Seen(), kind=kind, road=road, pull_id=None)

    def _insert(
        self,
        connection: sa.Connection,
        dataset: Dataset,
        period: str,
        rows: Sequence[tuple[str, dict[str, Any]]],
        when: dt.datetime,
    ) -> None:
        """Rows as a load leaves them: (unit, what it holds). Those that hold the same fields go in one statement."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for unit, row in rows:
            values = self._whole(dataset, period, unit, row, when)
            alike.setdefault(tuple(values), []).append(values)
        for names, of_these in alike.items():
            columns = ", ".join(names)
            connection.execute(
                sa.text(f"""insert into history.{dataset.table} ({columns})
                    select {columns} from jsonb_populate_recordset(null::history.{dataset.table}, cast(:rows as jsonb))"""),
                {"rows": json.dumps(of_these, default=str)},
            )

    def _whole(self, dataset: Dataset, period: str, unit: str, row: dict[str, Any], when: dt.datetime) -> dict[str, Any]:
        self._serial += 1
        given = DEFAULTS[dataset.id] | row
        district = given.pop("district", None if dataset.by_province or unit == "unknown" else unit)
        for key in dataset.key:
            column = dataset.column(key)
            if key not in given:
                is_day = key == "month" or str(column.dtype).startswith("date")
                given[key] = calendar.span(period)[0] if is_day else int(period) if key == "review_year" else f"X{self._serial}"
        return given | {
            "period": period,
            "unit_code": unit,
            "district_code": district,
            "row_key": "|".join(str(given[k]) for k in dataset.key),
            "recorded_from": when,
        }

    def by_hand(
        self, name: str, period: str, unit: str, rows: Sequence[dict[str, Any]], when: dt.datetime, reason: str, officer: str
    ) -> None:
        """Replace a cell as an officer's run would: loaded, and the act kept."""
        self.load(name, period, unit, rows, when)
        self._serial += 1
        with self.engine.begin() as connection:
            wish, became = Wish(officer, reason, None), {(period, unit): "accepted"}
            backfills.record(connection, dataset_named(name), f"run-{self._serial}", when, wish, became)

    def read(self, when: dt.datetime, *names: str) -> None:
        """The datasets (all by default) were read with success at that moment; the cells follow the clock."""
        with self.engine.begin() as connection:
            for dataset in DATASETS:
                if not names or dataset.id in names or dataset.source.name in names:
                    dataset_pulls.dataset_pulled(connection, dataset, when, None)
            ledger.refresh(connection, when)

    def load_all(
        self, name: str, period: str, when: dt.datetime, rows: Sequence[dict[str, Any]] = ({},), but: Sequence[str] = ()
    ) -> None:
        """The same rows for every expected unit but some."""
        expected = ledger.expected_units(dataset_named(name), period, when.astimezone(ZONE).date())
        self.load_cells(name, period, {unit: rows for unit in expected if unit not in but}, when)

    def month(self, when: dt.datetime, period: str = "2024-10", but: Sequence[str] = (), flows: bool = True) -> None:
        """Everything that AS-T counts for a report month, a row a cell."""
        registers = ("meritorious_persons.profiles", "social_protection.beneficiaries")
        for name in registers:
            self.load_all(name, "now", when)
        for name in ("meritorious_persons.monthly_payments", "social_protection.monthly_payments"):
            self.load_all(name, period, when, but=but)
        if flows:
            first, last = calendar.previous(period), period
            for month in (first, last):
                day = calendar.span(month)[0].replace(day=14 if month == last else 15)
                self.load("labour_employment.jobs_created", month, PROVINCE, [{"started_date": day, "district": "412"}], when)
                self.load(
                    "labour_employment.overseas_workers", month, PROVINCE, [{"departed_date": day, "district": "412"}], when
                )
                self.load(
                    "labour_employment.unemployment_decisions", month, PROVINCE, [{"decision_date": day, "district": "412"}], when
                )
        self.read(when)

    def registers_by_commune(self, when: dt.datetime, first: dt.date, but: Collection[str] = ()) -> None:
        """The registers that AS-T counts as they stand at that moment: one person of each commune of an earlier day, moved on with it."""
        today = when.astimezone(ZONE).date()
        placed = units.placing(today, today)
        of_units: dict[str, list[dict[str, Any]]] = {unit: [] for unit in {*placed.values(), *DISTRICTS}}  # of who ended: none
        for number, commune in enumerate(sorted(units.communes_on(first))):
            now = units.main_successor(commune, first, today)
            if now is not None and commune not in but:
                keys = dict.fromkeys(("profile_id", "beneficiary_id"), f"of-{number}")
                of_units[placed[now]].append(keys | {"commune_code": now})
        for name, key in (("meritorious_persons.profiles", "profile_id"), ("social_protection.beneficiaries", "beneficiary_id")):
            other = {"profile_id": "beneficiary_id", "beneficiary_id": "profile_id"}[key]
            rows = {u: [{k: v for k, v in row.items() if k != other} for row in held] for u, held in of_units.items()}
            self.load_cells(name, "now", rows, when)
        self.read(when)

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.text(query), values))


def embedded_warehouse() -> Iterator[Path]:
    """The home of an embedded server with a migrated warehouse; for a fixture to yield from."""
    home = copy_of("warehouse", _migrated)
    running = server(home)
    try:
        yield home
    finally:
        running.stop()
        shutil.rmtree(home)


def _migrated() -> Path:
    home = new_home()
    running = server(home)
    running.ensure_database("warehouse")
    Warehouse(running.url("warehouse")).migrate()
    stop_unsynced(home)
    return home


def small_hub(home: Path) -> Iterator[SmallHub]:
    engine = sa.create_engine(server(home).url("warehouse"), hide_parameters=True)
    yield SmallHub(engine)
    engine.dispose()


def running_gateway() -> Iterator["GatewayProcess"]:
    """A gateway over a home of its own; for a fixture to yield from."""
    home = new_home()
    running = GatewayProcess(home)
    try:
        yield running.start()
    finally:
        running.stop()
        shutil.rmtree(home)


class GatewayProcess:
    """The real gateway over a home, as a process of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process: Started | None = None
        self._is_slow = False

    def start(self) -> "GatewayProcess":
        environment = os.environ | {"ANSINH_HOME": str(self.home), "ANSINH_PROFILE": "demo", "PYTHONPATH": str(PROJECT)}
        for name in list(environment):
            if name.startswith("NATIONAL_REPORTING"):
                del environment[name]
        pid = self.home / "run" / "gateway.pid"
        pid.unlink(missing_ok=True)
        self._is_slow = False
        said = self.home / "gateway.log"
        with said.open("wb") as log:
            self.process = warm().start("demo.gateway.server", (), environment, log)
        try:
            for _ in range(600):
                if self.process.poll() is not None:
                    raise AssertionError(f"the gateway ended: {said.read_text()[-2000:]}")
                if pid.exists() and self._answers():
                    return self
                time.sleep(0.1)
            raise AssertionError("the gateway does not answer")
        except BaseException:
            self.stop()  # or it would stand on after the test
            raise

    def anew(self) -> "GatewayProcess":
        """As if it had just been made: a gateway that was stopped stands again, and what it knew is forgotten."""
        if self._is_slow:
            self.stop()  # what it still holds back would be received in the next test
        if self.process is None or self.process.poll() is not None:
            self.start()
        self.switch(quen_het=True)
        return self

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/suc-khoe", timeout=2).ok
        except requests.RequestException:
            return False

    @property
    def url(self) -> str:
        return (self.home / "run" / "gateway.url").read_text(encoding="ascii").strip()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait(timeout=30)

    def wait_dead(self) -> int:
        assert self.process is not None
        return self.process.wait(timeout=30)

    def switch(self, **values: Any) -> None:
        self._is_slow |= values.get("loi") == "cham"
        answer = requests.post(f"{self.url}/cong-tac", data=json.dumps(values), timeout=5)
        assert answer.ok, answer.text

    def client(self, **more: Any) -> NationalReporting:
        found = client(Settings("demo", self.home))
        assert found is not None
        for name, value in more.items():
            setattr(found, name, value)
        return found

    def listed(self) -> list[dict[str, Any]]:
        """What the receiver holds."""
        return self.client().call("test", "GET", "/bao-cao", None, {}).result

    def packet(self, transaction_id: str) -> dict[str, Any]:
        return self.client().call("test", "GET", f"/bao-cao/{transaction_id}/goi", None, {}).result
