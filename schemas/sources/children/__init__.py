"""Trẻ em: every child of the province under 16, the groups in special circumstances among them (Luật Trẻ em 102/2016/QH13)."""

from schemas.sources.children.datasets import DATASETS
from schemas.sources.children.source import SOURCE

__all__ = ["DATASETS", "SOURCE"]
