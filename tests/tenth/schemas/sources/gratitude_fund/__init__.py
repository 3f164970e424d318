"""Quỹ Đền ơn đáp nghĩa: houses of gratitude built or mended, and what was given for them.

Law: NĐ 131/2021/NĐ-CP, Điều 155 (the fund); Pháp lệnh 02/2020/UBTVQH14, Điều 42 (who keeps it).
"""

from schemas.sources.gratitude_fund.datasets import DATASETS
from schemas.sources.gratitude_fund.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
