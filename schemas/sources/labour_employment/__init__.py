"""Lao động - việc làm: labour supply and demand, foreign workers, overseas workers, jobs created, unemployment benefit.

Law: TT 01/2022/TT-BLĐTBXH (forms 01 supply, 02 demand); Luật Việc làm 38/2013/QH13; Luật 69/2020/QH14 and
NĐ 112/2021/NĐ-CP (overseas); NĐ 152/2020/NĐ-CP (foreign workers); NĐ 28/2015/NĐ-CP (unemployment benefit).
"""

from schemas.sources.labour_employment.datasets import DATASETS
from schemas.sources.labour_employment.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
