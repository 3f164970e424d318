"""Giới thiệu việc làm, dạy nghề: the employment service centre's seekers, vacancies, referrals, consultations, fairs, claims, classes.

Law: NĐ 23/2021/NĐ-CP (employment service centres); Luật Việc làm 38/2013/QH13; NĐ 28/2015/NĐ-CP (unemployment claims).
"""

from schemas.sources.job_service.datasets import DATASETS
from schemas.sources.job_service.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
