"""The keys by which Dagster knows the assets: layer, source, name. They are the identity of history and are never renamed."""

import dagster as dg

from schemas.dataset import Dataset


def raw_key(dataset: Dataset) -> dg.AssetKey:
    return dg.AssetKey(["raw", dataset.source.name, dataset.name])


def core_key(dataset: Dataset) -> dg.AssetKey:
    return dg.AssetKey(["core", dataset.source.name, dataset.name])


def open_key(source: str, table: str) -> dg.AssetKey:
    return dg.AssetKey(["open", source, table])


def report_key(name: str) -> dg.AssetKey:
    """`name` is the form's `asset_name`: AS_T."""
    return dg.AssetKey(["report", "national", name])
