"""Kết quả giải quyết thủ tục hành chính: dossiers, the steps of their handling, and the papers that came of them.

Law: NĐ 61/2018/NĐ-CP, as amended by NĐ 107/2021/NĐ-CP; NĐ 45/2020/NĐ-CP (electronic results, reuse); NĐ 118/2025/NĐ-CP since 1 July 2025.
"""

from schemas.sources.administrative_procedures.datasets import DATASETS
from schemas.sources.administrative_procedures.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
