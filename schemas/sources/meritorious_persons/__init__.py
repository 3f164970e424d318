"""Người có công với cách mạng: files of meritorious persons and their relatives, monthly payment lists.

Law: Pháp lệnh 02/2020/UBTVQH14; NĐ 131/2021/NĐ-CP; amounts NĐ 75/2021, 55/2023, 77/2024/NĐ-CP.
"""

from schemas.sources.meritorious_persons.datasets import DATASETS
from schemas.sources.meritorious_persons.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
