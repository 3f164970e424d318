"""What of an answer is believed: the result of a request that was asked, once, in a code that is known. Nothing else is guessed at."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from resources.population.failures import PopulationAnswerForeign, PopulationGarbled
from schemas.population import Outcome, PopulationService

MOST = 1_000  # of the results in one answer: ten times as many as may be asked for
LONGEST_ID = 40
LONGEST_CODE = 8  # shorter than any number of a person


def results(what: str, content: Any, asked: Collection[str], service: PopulationService) -> dict[str, Outcome]:
    """Request id -> what was said of it; `unanswered` where nothing was, where it was twice, or in a code that nobody declared.

    Raises PopulationGarbled where there is no list of results, PopulationAnswerForeign where one is of nobody we asked about: then it
    is somebody else's answer, and none of it is ours.
    """
    found = content.get("data") if isinstance(content, dict) else None
    if not isinstance(found, list) or len(found) > MOST:
        raise PopulationGarbled(what=what, how="không có danh sách kết quả (data), hoặc dài quá")
    outcomes = dict(service.outcomes)
    told: list[tuple[str, Outcome]] = []
    for item in found:
        ours = item.get("MaYeuCau") if isinstance(item, dict) else None
        if not isinstance(ours, str) or len(ours) > LONGEST_ID:
            raise PopulationGarbled(what=what, how="một kết quả không có mã yêu cầu (MaYeuCau)")
        if ours not in asked:
            raise PopulationAnswerForeign(what=what)
        told.append((ours, outcomes.get(code(item.get("KetQua")), "unanswered")))
    times = Counter(ours for ours, _ in told)
    answers: dict[str, Outcome] = dict.fromkeys(asked, "unanswered")
    return answers | {ours: outcome for ours, outcome in told if times[ours] == 1}


def code(value: Any) -> str:
    """A code of theirs, which some gateways send as a number; empty where it is none. What is longer could be a person's number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    return text if 0 < len(text) <= LONGEST_CODE and text.isascii() and text.replace("-", "").isalnum() else ""
