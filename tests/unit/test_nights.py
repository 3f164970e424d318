"""What is said of a night by the runs of its jobs."""

import datetime as dt

import pytest

from pipelines.job_names import REPORTS_JOB, night_job_name
from pipelines.nights import Night, in_words
from resources.servers.dagster_runs import Run

POVERTY, LABOUR = night_job_name("poverty"), night_job_name("labour_employment")
OWED = frozenset([POVERTY, LABOUR, REPORTS_JOB])
Spans = dict[str, tuple[str, str | None]]


def at(hour: str) -> dt.datetime:
    """An hour of 20 November 2024 in Vietnam."""
    return dt.datetime.fromisoformat(f"2024-11-20T{hour}:00+07:00")


def night(spans: Spans, bad: str = "") -> Night:
    runs = {
        job: Run(job, "STARTED" if end is None else "FAILURE" if job == bad else "SUCCESS", at(begin), at(end) if end else None)
        for job, (begin, end) in spans.items()
    }
    return Night("2024-11-20", runs, OWED)


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        (
            {POVERTY: ("02:00", "02:10"), LABOUR: ("02:10", "02:30"), REPORTS_JOB: ("02:30", "02:35")},
            "02:35 20/11/2024, chạy 35 phút",
        ),
        (
            {POVERTY: ("02:00", "02:40"), LABOUR: ("02:10", "02:30"), REPORTS_JOB: ("05:00", "05:05")},
            "05:05 20/11/2024, chạy 45 phút",
        ),
        (
            {LABOUR: ("02:10", "02:30"), REPORTS_JOB: ("02:30", "02:40"), POVERTY: ("14:00", "14:07")},
            "14:07 20/11/2024, chạy 37 phút",
        ),
        (
            {POVERTY: ("02:00", "02:40"), LABOUR: ("02:00", "02:20"), REPORTS_JOB: ("02:20", "02:40")},
            "02:40 20/11/2024, chạy 40 phút",
        ),
    ],
    ids=["one after the other", "at once, and reports that waited", "one that was run again by day", "one within another"],
)
def test_it_took_as_long_as_any_of_its_runs_was_at_work(spans: Spans, told: str) -> None:
    assert in_words(night(spans)) == f"đêm 20/11/2024 xong lúc {told}: 3/3 lượt tốt"


def test_what_failed_goes_on_or_never_came_is_named() -> None:
    over: Spans = {POVERTY: ("02:00", "02:10"), LABOUR: ("02:10", "02:30"), REPORTS_JOB: ("02:30", "02:35")}
    assert in_words(night(over, bad=POVERTY)).endswith("2/3 lượt tốt; hỏng: Hộ nghèo")
    assert in_words(night(over | {LABOUR: ("02:10", None)})).startswith(
        "đêm 20/11/2024 chưa xong: 2/3 lượt tốt; đang chạy hoặc mất"
    )
    assert in_words(night({job: span for job, span in over.items() if job != POVERTY})) == (
        "đêm 20/11/2024 chưa xong: 2/3 lượt tốt; không có lượt: Hộ nghèo"
    )
