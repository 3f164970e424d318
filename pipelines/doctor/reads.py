"""Who read: whether the lines of `ops.reads` still follow from each other, and reach as far as was witnessed."""

from pipelines.doctor.failures import ReadsBroken
from pipelines.reads import fault
from resources.hub import Hub
from resources.warehouse.persons import reads
from schemas.written import grouped


def look(hub: Hub) -> str:
    with hub.warehouse.engine.connect() as connection:
        wrong, last = fault(hub.settings, connection), reads.end(connection)
    if wrong:
        raise ReadsBroken(where=wrong)
    return f"{grouped(last.line)} lần xem, các dòng nối đúng nhau" if last else "chưa có lần xem nào"
