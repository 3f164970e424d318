"""Projection of a declaration to what the Dagster UI shows: description, column schema, owners, names of units."""

import dagster as dg

from assets import partitions
from schemas import owners
from schemas.dataset import Dataset
from schemas.projections.postgres import sql_type

KIND = {
    "monthly": "hằng tháng",
    "quarterly": "hằng quý",
    "yearly": "hằng năm",
    "school_year": "năm học",
    "register": "sổ đăng ký, luôn hiện hành",
}
PRIVACY = {"public": "công khai", "internal": "nội bộ", "personal": "cá nhân", "sensitive": "nhạy cảm"}


def description(dataset: Dataset) -> str:
    return (
        f"{dataset.title}. Mỗi dòng là {dataset.each_row_is}. Kỳ: {KIND[dataset.kind]}. "
        f"Nguồn: {dataset.road.place} của {dataset.source.title}. Căn cứ: {dataset.legal}."
    )


def column_schema(dataset: Dataset) -> dg.TableSchema:
    return dg.TableSchema(
        [
            dg.TableColumn(
                c.name,
                sql_type(c.dtype),
                description=f"{c.title}{f' ({c.unit})' if c.unit else ''}; mức bảo mật: {PRIVACY[c.privacy]}",
                constraints=dg.TableColumnConstraints(nullable=c.nullable),
            )
            for c in dataset.columns
        ]
    )


def owner_teams(source: str) -> list[str]:
    """The departments that own the source on the clock's day, as Dagster owners: one, or none where nobody is declared."""
    today = partitions.today()
    return [f"team:{o.department}" for o in owners.owners_of(source) if o.holds(today)]
