"""The grid of the UI, wiped, forged and told again: the doctor sees what it lost, and nothing takes what is told again for news."""

from collections.abc import Iterator

import dagster as dg
import pytest

from assets.keys import core_key, open_key, raw_key, report_key
from assets.open.tables import tables_of
from assets.reports.forms import FORMS
from pipelines.doctor.failures import GridDiffers
from pipelines.doctor.grid import looking as grid
from pipelines.runtime.instance import instance
from resources.hub import Hub
from resources.settings import Settings
from schemas.registry import dataset_named
from tests.integration.agreement import check_ui_agrees, told_of_a_cell
from tests.integration.province import Province, province
from tests.integration.test_late import tick

pytestmark = pytest.mark.landing

SOURCE = "social_protection"
PAYMENTS = dataset_named(f"{SOURCE}.monthly_payments")
REGISTER = dataset_named(f"{SOURCE}.beneficiaries")
TOLD = "select count(*), max(id) from event_logs where dagster_event_type = 'ASSET_MATERIALIZATION'"


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True) as found:
        yield found


@pytest.fixture
def home(made: Province, monkeypatch: pytest.MonkeyPatch) -> Province:
    """The same, for code in this process."""
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ANSINH_DAGSTER_URL", raising=False)
    return made


def lose(made: Province, source: str) -> tuple[str, str]:
    """What a hostile page, a tidy officer and a slip do to the UI; the dataset and the cell that was reported though nobody sent it."""
    dataset, missing = made.rows(
        """select source || '.' || dataset, period || '|' || unit_code from ops.cells
        where source <> :s and status = 'missing' order by 1, 2 limit 1""",
        s=source,
    )[0]
    with instance(Settings("demo", made.home)) as found:
        [first] = found.fetch_materializations(core_key(REGISTER), limit=1).records
        found.delete_run(first.run_id)
        opened = [open_key(source, table.name) for _, table in tables_of(source)]
        found.wipe_assets([raw_key(PAYMENTS), core_key(PAYMENTS), *opened[:1], *(report_key(form.asset_name) for form in FORMS)])
        found.report_runless_asset_event(dg.AssetMaterialization(core_key(dataset_named(dataset)), partition=missing))
    return dataset, missing


def test_what_the_ui_lost_is_seen_told_again_once_and_taken_for_no_news(home: Province) -> None:
    made = home
    cell = made.one(f"select min(period || '|' || unit_code) from core.{PAYMENTS.table}")
    said = told_of_a_cell(made, SOURCE, PAYMENTS.name, cell)
    cursor = str(made.one("select max(id) from event_logs", "dagster"))
    assert grid.look(Hub.look()).endswith("lưới khớp với kho")
    dataset, forged = lose(made, SOURCE)
    with pytest.raises(GridDiffers) as seen:
        grid.look(Hub.look())
    told = str(seen.value)
    stands = "select count(*) from ops.cells where (source, dataset) = (:s, :d) and first_received_at is not null and unit_code <> 'unknown'"
    cells = made.one(stands, s=SOURCE, d=PAYMENTS.name)
    assert f"core/{SOURCE}/monthly_payments: mất {cells} ô (2024-01|412, " in told and "mất kiểm tra" in told
    assert f"core/{dataset.replace('.', '/')}: thừa 1 ô ({forged})" in told and f"core/{SOURCE}/beneficiaries: mất" in told
    before = made.rows(TOLD, "dagster")

    mended = made.ansinh("doctor", "--mend-grid")
    assert f"dựng lại: core/{SOURCE}/monthly_payments: mất {cells} ô" in mended.stderr and "thừa 1 ô" in mended.stderr
    assert "lưới khớp với kho" in mended.stdout
    check_ui_agrees(made)
    assert told_of_a_cell(made, SOURCE, PAYMENTS.name, cell) == said
    after = made.rows(TOLD, "dagster")
    assert after > before and grid.mend(Hub.open(), print) == [] and made.rows(TOLD, "dagster") == after

    assert tick(made, "follow_up", cursor)["requests"] == [], "what is told again is no cell loaded by hand"
    card = made.nightly("--source", SOURCE)
    assert card["reports"] == [] and made.rows(TOLD, "dagster") == after, "a quiet night tells nothing"
    check_ui_agrees(made)
    assert grid.look(Hub.look()).endswith("lưới khớp với kho")
