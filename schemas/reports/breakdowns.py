"""How the breakdowns of a figure are named for a reader: `loai` = `07A` is a kind of person, a war invalid."""

from dataclasses import dataclass, field
from functools import cache

from schemas import codes
from schemas.registry import dataset_named

EVERY = {"khong_ro": "Không rõ", "tat_ca": "Tất cả"}  # values that any breakdown may hold


@dataclass(frozen=True)
class Breakdown:
    """What a dimension is called, the code list of its values, and those that stand in no list."""

    title: str
    list_name: str | None = None
    values: dict[str, str] = field(default_factory=dict)

    def value(self, code: str) -> str:
        """The name of a value; the code itself where it has none."""
        named = self.values.get(code) or (codes.label(self.list_name, code) if self.list_name else None)
        return named or EVERY.get(code, code)


@cache
def breakdowns() -> dict[str, Breakdown]:
    lacks = [dataset_named("poverty.households").column(f"lacks_{n:02d}") for n in range(1, 13)]
    return {
        "loai": Breakdown("Loại đối tượng", "merit_category"),
        "gioi_tinh": Breakdown("Giới tính", "sex"),
        # The form holds the groups of a clause as one, and K3, K6 and K8 under a name that does not say which.
        "nhom": Breakdown(
            "Nhóm đối tượng",
            "assistance_group",
            {
                "K1": "Trẻ em dưới 16 tuổi không có nguồn nuôi dưỡng",
                "K5A": "Người cao tuổi nghèo không có người phụng dưỡng",
                "khac": "Các nhóm khác, gộp",
            },
        ),
        "tuoi": Breakdown(
            "Tuổi", values={a: f"{a} tuổi" for a in ("0-3", "4-15", "16-59", "60-74", "75-79")} | {"80+": "Từ 80 tuổi"}
        ),
        "kenh": Breakdown("Nơi làm việc", "job_channel"),
        "nuoc": Breakdown("Nước đến", "countries"),
        "khu_vuc": Breakdown("Khu vực", "area"),
        "dan_toc": Breakdown("Dân tộc", "ethnicity"),
        "vi_the": Breakdown("Vị thế việc làm", "employment_position"),
        "bien_dong": Breakdown(
            "Biến động", values={"thoat_ngheo": "Thoát nghèo", "tai_ngheo": "Tái nghèo", "phat_sinh": "Phát sinh nghèo"}
        ),
        "chi_so": Breakdown(
            "Chỉ số", values={f"{n:02d}": lack.title.removeprefix("Thiếu hụt: ") for n, lack in enumerate(lacks, start=1)}
        ),
    }
