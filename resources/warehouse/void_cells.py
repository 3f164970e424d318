"""Which cells hold nothing good: in forms and in open data alike they are no zero."""


def is_void(cell: str) -> str:
    """SQL: whether rows came to a cell of `ops.cells` and none is good, by the newest of its arrivals that was not refused.

    By the arrivals, and not by what the cell holds: whoever was erased since is no row that was set aside.
    """
    return f"""coalesce((select a.rows_received > 0 and a.rows_accepted = 0 from ops.arrivals a
        where a.source = {cell}.source and a.dataset = {cell}.dataset and a.period = {cell}.period
            and a.unit_code = {cell}.unit_code and a.outcome <> 'refused' order by a.id desc limit 1), false)"""
