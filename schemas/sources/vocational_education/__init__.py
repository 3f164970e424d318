"""Giáo dục nghề nghiệp: the establishments, whom they enrol each month, and who graduates in a school year.

Law: Luật Giáo dục nghề nghiệp 74/2014/QH13; TT 05/2021/TT-BLĐTBXH, Điều 20 (who reports what by when); TT 26/2020/TT-BLĐTBXH (the
codes of occupations). Learners as persons are not taken: no rule and no figure needs one.
"""

from schemas.sources.vocational_education.datasets import DATASETS
from schemas.sources.vocational_education.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
