"""The switches of the synthetic reporting gateway: how it is made to misbehave as real gateways do."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from demo.serving.switch_file import FOREVER, SwitchFile

# 429, 500: answered so, nothing kept. cham: slow. json_hong: broken JSON. html: a page with status 200. bom: a byte order
# mark before the answer. chet_sau_ghi: the process dies after the receipt is kept and before it is answered. mat_tra_loi: the
# receipt is kept and its answer lost on the way. qua_dai, qua_sau, nho_giot: kept, and answered without end, nested without
# end, a byte at a time. tu_choi: the packet is refused. cam: its sender may not. het_han_token: the token is no longer known.
KEPT_FIRST = ("json_hong", "bom", "chet_sau_ghi", "mat_tra_loi", "qua_dai", "qua_sau", "nho_giot")
FAULTS = ("429", "500", "cham", "html", "tu_choi", "cam", "het_han_token", *KEPT_FIRST)


@dataclass(frozen=True)
class Switches:
    """`loi` holds for the next `lan` submissions (-1: until it is taken away), of the form `bieu` alone where it is named.

    `trung_ma`: the HTTP status with which a packet is refused that is held already; without it, it gets its receipt again.
    `hoi_hong`: submissions of which the state is not told, each with the HTTP status that is answered instead.
    """

    loi: str | None = None
    lan: int = 1
    bieu: str | None = None
    trung_ma: int | None = None
    hoi_hong: dict[str, int] = field(default_factory=dict)
    retry_after: int = 1
    giay: float = 5.0
    ly_do: list[str] = field(default_factory=lambda: ["Số liệu chưa được thủ trưởng đơn vị xác nhận."])
    ma_thanh_cong: str = "00"
    token_giay: int = 300

    def __post_init__(self) -> None:
        if self.loi is not None and self.loi not in FAULTS:
            raise ValueError(f"Cổng mô phỏng không có công tắc {self.loi!r}; các công tắc: {', '.join(FAULTS)}.")


class GatewaySwitches(SwitchFile[Switches]):
    def take(self, form: str = "") -> Switches:
        """The switches for one submission; a counted fault is used up by it."""
        with self._lock:
            now = self.read()
            if now.bieu not in (None, form):
                return replace(now, loi=None)
            if now.loi is not None and now.lan != FOREVER:
                self._write(replace(now, lan=now.lan - 1) if now.lan > 1 else replace(now, loi=None, lan=1))
            return now


def switch_file(home: Path) -> GatewaySwitches:
    return GatewaySwitches(home / "demo" / "gateway" / "cong_tac.json", Switches)
