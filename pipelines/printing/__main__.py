"""Writes what is generated, all of it: `make docs`. A test keeps it current."""

from pathlib import Path

from pipelines.printing import runbook
from pipelines.printing.dictionary import dictionary
from pipelines.printing.graph import graph
from resources.settings import PROJECT


def write(root: Path = PROJECT) -> None:
    (root / "graph.txt").write_text(graph(), encoding="utf-8")
    folder = root / "docs" / "dictionary"
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in dictionary().items():
        (folder / name).write_text(page, encoding="utf-8")
    runbook.BOOK.write_text(runbook.book(), encoding="utf-8")


if __name__ == "__main__":
    write()
