"""Whose a source is, by its day."""

import datetime as dt

import pytest

from schemas import owners


@pytest.mark.parametrize(
    ("source", "on", "department"),
    [
        ("meritorious_persons", "2025-02-28", "Sở Lao động - Thương binh và Xã hội, Phòng Người có công"),
        ("meritorious_persons", "2025-03-01", "Sở Nội vụ"),
        ("labour_employment", "2025-03-01", "Sở Nội vụ"),
        ("job_service", "2025-07-01", "Sở Nội vụ"),
        ("social_protection", "2025-03-01", "Sở Y tế"),
        ("vocational_education", "2025-02-28", "Sở Lao động - Thương binh và Xã hội, Phòng Giáo dục nghề nghiệp"),
        ("vocational_education", "2025-03-01", "Sở Giáo dục và Đào tạo"),
        ("poverty", "2024-11-20", "Sở Lao động - Thương binh và Xã hội, Phòng Bảo trợ xã hội"),
        ("poverty", "2026-01-01", "Sở Nông nghiệp và Môi trường"),
    ],
)
def test_a_department_is_that_of_its_day(source: str, on: str, department: str) -> None:
    assert owners.owner(source, dt.date.fromisoformat(on)).department == department


def test_the_first_filer_changes_with_the_districts() -> None:
    before, after = (owners.owner("poverty", d).first_filer for d in (dt.date(2025, 6, 30), dt.date(2025, 7, 1)))
    assert "cấp huyện" in before and "cấp xã" in after


def test_a_day_without_an_owner_is_said_aloud() -> None:
    with pytest.raises(LookupError, match=r"owners\.csv"):
        owners.owner("poverty", dt.date(2010, 1, 1))
