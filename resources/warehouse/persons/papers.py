"""The store of result papers: one that is held is found by its owner and kind, valid on a day, and each use is kept: `ops.paper_uses`.

"Một lần khai báo": what an office issued is not asked for again (NĐ 45/2020/NĐ-CP; NĐ 107/2021/NĐ-CP). A use is one paper in one dossier,
once, however often it is asked for; a look without a dossier is kept too, and counts as no use. Neither holds who the owner is.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

PAPERS = "core.administrative_procedures_result_papers"
# A refusal is no paper of its owner's to use again.
REFUSAL = "TC"


@dataclass(frozen=True)
class Paper:
    """What is needed to use a paper, and no more."""

    paper_id: str
    dossier_id: str
    kind_code: str
    paper_number: str | None
    issued_on: dt.date
    expires_on: dt.date | None
    issuer: str | None
    sha256: str


@dataclass(frozen=True)
class Look:
    """Who looks for a paper, why, and for which dossier, if for one."""

    officer: str
    reason: str
    dossier_id: str | None


def find(connection: sa.Connection, identity_number: str, kind: str, on: dt.date, dossier_id: str | None) -> Paper | None:
    """The newest paper of a kind that is valid on a day: signed, not expired, neither replaced nor revoked by then.

    A dossier's own result is none of the papers that are used in it. The number goes to the server as a hash: its log, or who watches its
    statements, has no use for that.
    """
    row = connection.execute(
        sa.text(f"""select paper_id, dossier_id, kind_code, paper_number, issued_on, expires_on, issuer, sha256 from {PAPERS}
            where kind_code = :kind and kind_code <> :refusal and is_signed and sha256 is not null
                and issued_on <= :on and coalesce(expires_on >= :on, true) and coalesce(ended_on > :on, validity_code = 1)
                and dossier_id is distinct from :dossier
                and encode(sha256(convert_to(identity_number, 'UTF8')), 'hex') = :owner
            order by issued_on desc, paper_id desc limit 1"""),
        {
            "kind": kind,
            "refusal": REFUSAL,
            "on": on,
            "dossier": dossier_id,
            "owner": hashlib.sha256(identity_number.encode()).hexdigest(),
        },
    ).one_or_none()
    return Paper(**row._mapping) if row else None


def keep(connection: sa.Connection, paper: Paper | None, kind: str, on: dt.date, look: Look, now: dt.datetime) -> bool:
    """Keep a look, found or not; whether it is a use that was not counted before."""
    kept = connection.execute(
        sa.text("""insert into ops.paper_uses (paper_id, dossier_id, kind, valid_on, used_at, used_by, reason)
            values (:paper, :dossier, :kind, :on, :now, :by, :reason)
            on conflict (paper_id, dossier_id) where paper_id is not null and dossier_id is not null do nothing"""),
        {
            "paper": paper.paper_id if paper else None,
            "dossier": look.dossier_id,
            "kind": kind,
            "on": on,
            "now": now,
            "by": look.officer,
            "reason": look.reason,
        },
    )
    return paper is not None and look.dossier_id is not None and kept.rowcount == 1
