"""Phòng, chống tệ nạn xã hội: the monthly figures of communes and of rehabilitation centres; no person (TT 05/2011/TT-BLĐTBXH)."""

from schemas.sources.social_evils_prevention.datasets import DATASETS
from schemas.sources.social_evils_prevention.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
