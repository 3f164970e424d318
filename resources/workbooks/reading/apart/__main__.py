"""The process that meets the file: `python -I`, an environment of its own, limits before anything else.

It is given three open files and knows no path: the file as standard input, and by number where the cells go as frames and
where it says what it found. Whatever ends it, its parent goes on; when its parent ends, so does it.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl
GRACE = 5  # seconds


def main() -> None:
    told, cells, said = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    bind(told["memory_mb"], told["cpu_seconds"], told["output_bytes"])

    from resources.workbooks.reading.apart.refusing import Refused
    from resources.workbooks.reading.limits import Limits

    limits = Limits(**told)
    try:
        answer = {"sheets": list(_read(limits, cells))}
    except Refused as refused:
        answer = {"failure": refused.kind, "facts": refused.facts}
    except MemoryError:
        answer = {"failure": "FileTooLarge", "facts": {"what": f"cần hơn {limits.memory_mb} MB bộ nhớ"}}
    except OSError as error:
        sys.exit(error.errno or 1)  # a full disk: what would be said about it has no room either
    except RecursionError:
        answer = {"failure": "FileBroken", "facts": {"why": "lồng nhau quá sâu"}}
    with open(said, "w", encoding="utf-8") as out:
        json.dump(answer, out)


def bind(memory_mb: int, cpu_seconds: int, output_bytes: int) -> None:
    """Take from this process what it must not have."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    for what, most in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, output_bytes),
        (resource.RLIMIT_CORE, 0),  # a core would hold what the file holds
    ):
        # When processor time runs out, the soft limit lets the process say so; the hard one would only kill it.
        resource.setrlimit(what, (most, most + GRACE if what == resource.RLIMIT_CPU else most))


def _read(limits, cells: int) -> Iterator[dict]:
    from resources.workbooks.reading.apart import ods, separated, xls, xlsx
    from resources.workbooks.reading.apart.kinds import kind_of
    from resources.workbooks.reading.apart.refusing import too_large

    with open(0, "rb", closefd=False) as file:
        kind = kind_of(file)
        if kind == "csv":
            form = separated.form_of(file, limits)
            stream = _written(separated.records(file, form, limits), form.width, cells)
            yield {**stream, "name": "", "encoding": form.encoding, "separator": form.separator, "kind": kind}
            return
        if os.fstat(0).st_size > limits.workbook_bytes:
            raise too_large(f"sổ {os.fstat(0).st_size >> 20} MB, cho phép {limits.workbook_bytes >> 20} MB; .csv được lớn hơn")
        file.seek(0)
        found = xls.guard(file.read(), limits) if kind == "xls" else (ods if kind == "ods" else xlsx).guard(file, limits)
    yield from _workbook(kind, found, cells)


def _workbook(kind: str, found: list, cells: int) -> Iterator[dict]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    from resources.workbooks.reading.apart.refusing import Refused, broken

    try:
        book = CalamineWorkbook.from_path("/proc/self/fd/0")
        if len(book.sheets_metadata) != len(found):
            raise broken("số trang không khớp")
        for at, (sheet, about) in enumerate(zip(found, book.sheets_metadata, strict=True)):
            width = sheet.last_column + 1
            is_hidden = sheet.is_hidden or about.visible != SheetVisibleEnum.Visible
            facts = {**sheet.told(), "name": about.name, "kind": kind, "is_hidden": is_hidden}
            if sheet.last_row < 0:
                yield {**facts, **_written([], 1, cells), "merged": []}
                continue
            page = book.get_sheet_by_index(at)
            merged = [[*first, *last] for first, last in page.merged_cell_ranges or []]
            yield {**facts, **_written(_rows(page, sheet, width), width, cells), "merged": merged[:10_000]}
    except PasswordError:
        raise Refused("FileLocked") from None
    except OverflowError:  # hours shown as [h]:mm of a number that no clock reaches; the reader gives none of its row then
        raise broken("một ô giờ phút có số quá lớn") from None
    except (CalamineError, OSError, ValueError):
        raise broken("chương trình đọc sổ không hiểu tệp") from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader, which is written in Rust; it is no Exception
            raise broken("chương trình đọc sổ không hiểu tệp") from None
        raise


def _rows(page, sheet, width: int) -> Iterator[list]:
    """The rows from the first of the sheet on, as texts; what the guard saw stand beyond what the reader gives is there too."""
    from resources.workbooks.reading.apart.cells import text_of

    start = page.start[1] if page.start else 0
    nothing: dict[int, str] = {}
    begins = sheet.begins
    given = page.iter_rows() if page.start else iter(())
    for number in range(sheet.last_row + 1):
        marks = sheet.marks.get(number, nothing)
        texts = [None] * start + [text_of(cell, None, begins) for cell in next(given, ())] if not marks else None
        if texts is None:
            cells = [None] * start + next(given, [])
            cells += [None] * (width - len(cells))
            texts = [text_of(cell, marks.get(column), begins) for column, cell in enumerate(cells)]
        yield texts[:width] + [None] * (width - len(texts))


def _written(rows: Iterable[list], width: int, into: int) -> dict:
    """Write the rows behind what is there already."""
    from resources.workbooks.reading.apart import frames

    start = os.lseek(into, 0, os.SEEK_CUR)
    with open(into, "wb", closefd=False) as out:
        count = frames.write(rows, out)
    return {"start": start, "length": os.lseek(into, 0, os.SEEK_CUR) - start, "width": width, "rows": count}


if __name__ == "__main__":
    main()
