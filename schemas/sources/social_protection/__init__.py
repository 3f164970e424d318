"""Bảo trợ xã hội: beneficiaries of monthly social assistance, monthly payment lists, institutions.

Law: NĐ 20/2021/NĐ-CP (groups Điều 5, coefficients Điều 6); NĐ 76/2024/NĐ-CP (standard 500,000 from 1/7/2024);
TT 02/2021/TT-BLĐTBXH (forms).
"""

from schemas.sources.social_protection.datasets import DATASETS
from schemas.sources.social_protection.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
