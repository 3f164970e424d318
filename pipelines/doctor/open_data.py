"""Where open data goes, and the secret by which it is rounded."""

from assets.open.failures import WITHOUT_DECISION, NoRoundingSecret, OtherSecret
from assets.open.rounding import Rounding
from pipelines.doctor.checking import Told
from pipelines.doctor.failures import DecisionUnconfigured, OthersWrite, ReaderReadsMore, RoundingUnconfigured, SharedUnconfigured
from pipelines.doctor.lines import over_line
from resources.failures import NeverFilled
from resources.hub import Hub
from resources.publication.failures import SharedRightMissing
from resources.publication.publisher import READER, SCHEMA, missing_rights, others_who_write
from resources.publication.reader import readable_elsewhere
from resources.servers import connecting
from resources.servers.names import listed
from resources.warehouse.engine import refuse_other_than_utf8
from resources.warehouse.published import open_instants
from schemas.release import Decision, decision_in_force


def shared_warehouse(hub: Hub) -> Told:
    url = hub.settings.shared_url()
    if url is None:
        raise SharedUnconfigured
    engine = connecting.engine(url)
    missing = missing_rights(engine)  # the first to ask: it knows what it means that nobody answers
    refuse_other_than_utf8(engine, "SHARED_WAREHOUSE_URL")
    if missing:
        raise SharedRightMissing(what="Công bố số liệu mở", rights="; ".join(missing))
    if writers := others_who_write(engine):
        raise OthersWrite(schema=SCHEMA, rights=listed(writers))
    elsewhere = readable_elsewhere(engine)
    if elsewhere:
        raise ReaderReadsMore(reader=READER, relations=", ".join(elsewhere[:5]) + (" …" if len(elsewhere) > 5 else ""))
    told = f"kết nối được, chỉ tài khoản công bố ghi được, {READER} chỉ đọc được open_data"
    return over_line(hub, told, url, "SHARED_WAREHOUSE_URL")


def rounding(hub: Hub) -> str:
    secret = hub.settings.rounding_secret()
    try:
        with hub.warehouse.engine.connect() as connection:
            kept = open_instants.kept_check(connection)
    except NeverFilled:
        kept = None
    if secret is None and hub.settings.is_demo:
        return "chưa có: lượt đêm đầu tiên của tỉnh mô phỏng tự tạo"
    if secret is None and kept is None:
        raise RoundingUnconfigured
    if secret is None:  # what was published was rounded by it
        raise NoRoundingSecret(source="mọi hệ thống")
    if kept not in (None, Rounding(secret).check):
        raise OtherSecret(source="mọi hệ thống")
    return "đúng khóa của những bản đã công bố" if kept else "đã đặt, chưa công bố lần nào"


def decision(hub: Hub) -> str:
    """Check under which decision open data is published today."""
    granted = decision_in_force(hub.settings.release_decision, hub.today(), hub.settings.is_demo)
    if granted == "unconfigured":
        raise DecisionUnconfigured
    if not isinstance(granted, Decision):
        raise WITHOUT_DECISION[granted](source="mọi hệ thống")
    return granted.number
