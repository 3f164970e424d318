"""How much of a file is looked at, and how long: what is beyond is refused before it is read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """`content_bytes` are counted as they are unpacked, whatever the archive says of itself; `cells` are those of the rectangle
    that a sheet's filled cells span, since the reader lays out all of it. `memory_mb` and the seconds are the child's."""

    file_bytes: int = 1 << 30
    workbook_bytes: int = 300 << 20
    content_bytes: int = 1 << 30
    entries: int = 2_000
    sheets: int = 200
    columns: int = 1_000
    cells: int = 12_000_000
    csv_rows: int = 5_000_000
    record_lines: int = 200  # of one record of a CSV file: more, and a quote was left open
    marked_cells: int = 1_000_000  # errors, days without a day and the like, each kept by its place
    memory_mb: int = 2_048
    cpu_seconds: int = 300
    seconds: float = 600.0
    output_bytes: int = 4 << 30
