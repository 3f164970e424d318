"""The switches of the synthetic integration platform: how it, or one service behind it, is made to misbehave as real ones do."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from demo.serving.switch_file import FOREVER, SwitchFile

EVERY = "*"  # every service that has no fault of its own

# Instead of an answer. chet: the connection ends at once. het_han_token: all tokens are forgotten. 401; 403: with an empty body; 429:
# with `retry_after`; 500, 502. ma_loi: HTTP 200 with `ma` as its code. html: a page with status 200. json_hong: broken JSON;
# dut_giua_chung: the connection ends in the middle; qua_dai, qua_sau, nho_giot: without end, nested without end, a byte at a time.
# cham: after `giay` seconds. bom: a byte order mark before the answer.
INSTEAD = (
    *("chet", "het_han_token", "401", "403", "429", "500", "502", "ma_loi", "html", "json_hong", "dut_giua_chung"),
    *("qua_dai", "qua_sau", "nho_giot", "cham", "bom"),
)
# A listing in another shape, which holds until it is taken away. ma_thanh_cong: `ma` is the code of success. From page `trang` on
# (the second, where nothing is said) mat_trang: a page is left out; lap_trang: one comes twice; chong_trang: each begins with the
# last `lech` rows of the one before. trang_rong: page `trang` has no row. tong_sai: the total is `lech` too high. con_tro_lap:
# page `trang` names itself as the next. bot_dong: half of the rows are gone, the total with them. doi_giua_trang: each page
# shows the rows as they are when it is asked for. so_thay_chu: whole numbers as numbers; null_chu: nothing as the text "null"; cot_la: a
# field that nobody declared.
SHAPES = (
    *("ma_thanh_cong", "mat_trang", "lap_trang", "chong_trang", "trang_rong", "tong_sai", "con_tro_lap", "bot_dong"),
    *("doi_giua_trang", "so_thay_chu", "null_chu", "cot_la"),
)
FAULTS = INSTEAD + SHAPES


@dataclass(frozen=True)
class Fault:
    """`loi` holds for the next `lan` calls (-1: until it is taken away), of page `trang` alone where one is named."""

    loi: str
    lan: int = 0  # 0: once instead of an answer, a shape until it is taken away
    trang: int | None = None
    giay: float = 5.0
    retry_after: str = "1"  # seconds, or an HTTP date
    ma: str = "99"
    lech: int = 1

    def __post_init__(self) -> None:
        if self.loi not in FAULTS:
            raise ValueError(f"Nền tảng mô phỏng không có công tắc {self.loi!r}; các công tắc: {', '.join(FAULTS)}.")

    @property
    def page(self) -> int:
        return self.trang or 2

    def meets(self, page: int) -> bool:
        return self.loi in SHAPES or self.trang in (None, page)


@dataclass(frozen=True)
class Switches:
    """`dich_vu`: the fault of each service, `system.resource`. `token_giay`, `token_luot`: after how many seconds or calls a token
    ends. `token_chung`: a token is given again as long as it is good; `token_cu`: so many times the last is given again with no time
    left. `giu_han_muc`: a service's calls a minute are counted. `toi_da_dong`: no page has more rows, whatever is asked for.
    `dan_cu_moi_ngay`: how often a day the population may be asked.
    """

    dich_vu: dict[str, dict[str, Any]] = field(default_factory=dict)
    token_giay: int = 300
    token_luot: int | None = None
    token_chung: bool = False
    token_cu: int = 0
    giu_han_muc: bool = False
    toi_da_dong: int | None = None
    dan_cu_moi_ngay: int | None = None


class PlatformSwitches(SwitchFile[Switches]):
    def spoil(self, service: str, loi: str | None, **how: Any) -> None:
        """Give a service a fault, or take it away."""
        with self._lock:
            faults = {name: told for name, told in self.read().dich_vu.items() if name != service}
            if loi is not None:
                faults[service] = asdict(Fault(loi, **how))
            self.change(dich_vu=faults)

    def take(self, service: str, page: int, among: tuple[str, ...] = FAULTS) -> Fault | None:
        """The fault that a call of a service meets; a counted one is used up by it."""
        with self._lock:
            faults = self.read().dich_vu
            name = service if service in faults else EVERY
            fault = Fault(**faults[name]) if name in faults else None
            if fault is None or fault.loi not in among or not fault.meets(page):
                return None
            left = fault.lan or (FOREVER if fault.loi in SHAPES else 1)
            if left != FOREVER:
                self.spoil(name, fault.loi if left > 1 else None, **_but(fault, lan=left - 1))
            return fault

    def take_old_token(self) -> bool:
        with self._lock:
            left = self.read().token_cu
            if left:
                self.change(token_cu=left - 1)
            return left > 0


def _but(fault: Fault, **values: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(fault).items() if name != "loi"} | values


def switch_file(folder: Path) -> PlatformSwitches:
    return PlatformSwitches(folder / "cong_tac.json", Switches)


def refuse_strange(wanted: Any) -> dict[str, Any]:
    """What a call to set switches says. Raises ValueError."""
    told = json.loads(wanted)
    if not isinstance(told, dict):
        raise ValueError("Công tắc là một đối tượng JSON.")
    return told
