"""What the operators are told: the one thing by its name, several by their number, each of them up to a limit, and what is over."""

import datetime as dt
from pathlib import Path

import pytest

from pipelines.alerting.words import CLOSING, LONGEST_SUBJECT, MOST_LINES, composed, trial, warehouse_lost
from resources.settings import Settings
from resources.warehouse.running.alerts import Alert

NOW = dt.datetime(2024, 11, 20, 1, tzinfo=dt.UTC)
SINCE = dt.datetime(2024, 11, 19, 19, 30, tzinfo=dt.UTC)
SOURCE = Alert(1, "source", "poverty", "Không đọc được nguồn poverty. Xem: ansinh doctor; báo đơn vị", SINCE, None)
FORM = Alert(2, "form", "AS-T 2024-10", "Báo cáo AS-T 2024-10 chờ duyệt; đã 3 ngày", SINCE, None)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("ANSINH_UI_ORIGIN", raising=False)
    return Settings("production", tmp_path)


def lines(message) -> list[str]:
    assert message is not None
    return message.body.splitlines()


def test_one_matter_is_the_subject_and_stands_whole_below(settings: Settings) -> None:
    message = composed([SOURCE], [], settings, NOW)
    assert message is not None and message.subject == "[ansinh] Không đọc được nguồn poverty"
    assert lines(message) == ["Cần xem:", f"- {SOURCE.words}", "", CLOSING]
    told = composed([FORM], [], settings, NOW)
    assert told is not None and told.subject == "[ansinh] Báo cáo AS-T 2024-10 chờ duyệt"
    assert message.id != told.id


def test_what_is_over_says_since_when_it_was_and_only_where_its_end_is_news(settings: Settings) -> None:
    message = composed([], [SOURCE, FORM], settings, NOW)
    assert message is not None and message.subject == "[ansinh] đã hết: Không đọc được nguồn poverty"
    assert lines(message) == ["Đã hết:", "- Không đọc được nguồn poverty (từ 02:30 20/11/2024)", "", CLOSING]
    assert composed([], [FORM], settings, NOW) is None and composed([], [], settings, NOW) is None


def test_several_are_counted_and_so_many_of_them_told(settings: Settings) -> None:
    both = composed([FORM], [SOURCE], settings, NOW)
    assert both is not None and both.subject == "[ansinh] 1 việc cần xem, 1 việc đã hết"
    over = composed([], [SOURCE] * 2, settings, NOW)
    assert over is not None and over.subject == "[ansinh] 2 việc đã hết"
    assert [line for line in lines(both) if line.endswith(":")] == ["Cần xem:", "Đã hết:"]
    for number, rest in ((MOST_LINES, []), (MOST_LINES + 1, ["- và 1 việc khác: ansinh alert --dry-run"])):
        message = composed([FORM] * number, [], settings, NOW)
        assert message is not None and message.subject == f"[ansinh] {number} việc cần xem"
        assert lines(message) == ["Cần xem:", *[f"- {FORM.words}"] * MOST_LINES, *rest, "", CLOSING]


def test_a_long_matter_is_cut_in_the_subject_alone_and_the_province_that_is_played_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = LONGEST_SUBJECT - len("[ansinh] ")
    for length in (fits, fits + 1):
        one = Alert(3, "run", "r", "x" * length, SINCE, None)
        message = composed([one], [], settings, NOW)
        assert message is not None and len(message.subject) == LONGEST_SUBJECT and f"- {one.words}" in lines(message)
        assert message.subject.endswith("…") is (length > fits)
    monkeypatch.setenv("ANSINH_UI_ORIGIN", "https://ansinh.example")
    message = trial(Settings("demo", settings.home), NOW)
    assert message.subject == "[ansinh, tỉnh mô phỏng] thử báo tin"
    assert lines(message)[-2:] == ["Giao diện: https://ansinh.example", CLOSING]


def test_a_warehouse_that_is_lost_and_answers_again_is_told_by_what_this_place_remembers(settings: Settings) -> None:
    gone, back = warehouse_lost(settings, NOW), warehouse_lost(settings, NOW, since=SINCE)
    assert gone.subject == "[ansinh] kho dữ liệu không mở được" and lines(gone)[0] == "Cần xem:"
    assert back.subject == "[ansinh] đã hết: kho dữ liệu mở lại được"
    assert lines(back)[:2] == ["Đã hết:", "- Kho dữ liệu của trung tâm mở lại được (không mở được từ 02:30 20/11/2024)"]
