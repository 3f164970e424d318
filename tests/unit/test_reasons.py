"""What an officer types of a reason is kept and sent: nobody's number is in it, however it is written."""

import pytest

from schemas.reasons import tells_who


@pytest.mark.parametrize(
    "words",
    [
        "040199001234",
        "０４０１９９００１２３４",
        "hồ sơ của 040 199 001 234",
        "040.199.001.234",
        "040-199-001234",
        "040199\u200b001234",
        "040\u00a0199\u00a0001\u00a0234",
        "gọi 0912 345 678",
        "0912.345.678",
        "0238 384 4567",
        "CMND 182345678",
    ],
)
def test_a_number_of_somebody_is_seen_however_it_is_written(words: str) -> None:
    assert tells_who(words)


@pytest.mark.parametrize(
    "words",
    [
        "huyện nộp muộn, kỳ 2024-10, đơn vị 412 413 415 416",
        "văn bản 15/ĐN ngày 01.11.2024 và 05.11.2024",
        "chi sai 500.000.000 đồng, thu lại 1 234 567 890 đồng",
        "quyết định 0123/2024/QĐ-UBND",
        "các xã 16681 16684 16687",
        "từ 01-11-2024 đến 30-11-2024",
        None,
    ],
)
def test_what_an_officer_writes_of_a_matter_is_taken(words: str | None) -> None:
    assert not tells_who(words)
