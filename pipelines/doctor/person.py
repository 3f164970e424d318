"""The acts on the word of persons: none is left half done, none waits too long, and whoever was erased would be known again."""

from pipelines.doctor.checking import Told
from pipelines.person.failures import CorrectionOverdue, ErasureUnfinished
from resources.clock import ZONE
from resources.hub import Hub
from resources.person.digests import secret
from resources.person.failures import PersonSecretOther
from resources.warehouse.persons import person_acts
from schemas.written import grouped


def look(hub: Hub) -> Told:
    hub.settings.person_secret()  # who asks for the first erasure should not be the one to learn that it cannot be read
    with hub.warehouse.engine.connect() as connection:
        acts, check = person_acts.listed(connection), person_acts.kept_check(connection)
    if check is not None and secret(hub.settings).check != check:
        raise PersonSecretOther
    unfinished = [act for act in acts if act.kind == "erasure" and act.done_at is None]
    if unfinished:
        raise ErasureUnfinished(count=len(unfinished), since=f"{unfinished[-1].acted_at.astimezone(ZONE):%d/%m/%Y}")
    overdue = [act.due_on for act in acts if act.done_at is None and act.due_on is not None and act.due_on < hub.today()]
    warnings = (CorrectionOverdue(count=len(overdue), due=f"{min(overdue):%d/%m/%Y}"),) if overdue else ()
    return Told(f"{grouped(len(acts))} yêu cầu" if acts else "chưa có yêu cầu nào", warnings)
