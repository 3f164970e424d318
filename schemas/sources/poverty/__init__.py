"""Hộ nghèo, hộ cận nghèo: the yearly review of poor and near-poor households, its signed result, changes within the year.

Law: NĐ 07/2021/NĐ-CP (multidimensional standard 2022-2025, extended to 31/12/2026 by NĐ 351/2025/NĐ-CP);
QĐ 24/2021/QĐ-TTg (procedure); TT 07/2021/TT-BLĐTBXH, TT 02/2022/TT-BLĐTBXH (forms A, B1, B2).
"""

from schemas.sources.poverty.datasets import DATASETS
from schemas.sources.poverty.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
