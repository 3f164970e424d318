"""Which forms the synthetic gateway takes, and what each may hold: all that are declared, known by discovery, and nothing else."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from schemas.reports.packet import UNIT

Lines = dict[tuple[str, str], frozenset[str]]  # (indicator, measure) -> the dimensions that its lines may bear


@cache
def taken() -> dict[str, tuple[str, Lines]]:
    """form -> its regime and the lines that it may hold, of whatever days."""
    from assets.reports.forms import FORMS  # pandas comes with the declarations: a gateway that takes no packet needs none
    from assets.reports.indicators import lines_of

    return {
        form.code: (
            form.regime_code,
            {(i.code, i.unit): frozenset(d.name for d in i.shown_by) for code in form.indicator_codes for i in lines_of(code)},
        )
        for form in FORMS
    }


def strangers(packet: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The places where a packet of the right structure names what is not in the list of forms, and in what way."""
    if packet["ma_bieu_mau"] not in taken():
        yield "ma_bieu_mau", f"Không có biểu {packet['ma_bieu_mau']}; các biểu đã đăng ký: {', '.join(taken())}."
        return
    regime, lines = taken()[packet["ma_bieu_mau"]]
    if packet["ma_che_do"] != regime:
        yield "ma_che_do", f"Biểu {packet['ma_bieu_mau']} thuộc chế độ {regime}."
    for number, line in enumerate(packet["so_lieu"]):
        named = line["ma_chi_tieu"], line["don_vi_tinh"]
        if named not in lines:
            yield f"so_lieu/{number}/ma_chi_tieu", f"Biểu không có chỉ tiêu {named[0]} tính bằng {named[1]}."
        elif unknown := line["phan_to"].keys() - lines[named] - {UNIT}:
            yield f"so_lieu/{number}/phan_to", f"Chỉ tiêu {named[0]} không phân tổ theo {', '.join(sorted(unknown))}."
