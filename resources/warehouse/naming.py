"""By which two parameters a statement names a dataset."""

from schemas.dataset import Dataset


def named(dataset: Dataset) -> dict[str, object]:
    """`:source` and `:dataset`."""
    return {"source": dataset.source.name, "dataset": dataset.name}
