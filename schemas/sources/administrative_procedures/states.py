"""The states of a dossier, and the time in which it waited for the applicant, as SQL. What is a step from one to another is dated: rates.py."""

PAUSED = (5, 6)  # asked to complete the dossier, or to pay
FINISHED, RETURNED = 9, 10


def waited(progress: str, dossiers: str) -> str:
    """SQL: for each of some dossiers (a query of `dossier_id, finished_at`) how long it waited for the applicant in all; none that never did.

    A pause lasts from its step to the next that is known, and no longer than the dossier was in hand: what an office asks for once it has
    finished excuses no delay. One that nothing follows is not over, and counts nothing.
    """
    return f"""
        select dossier_id, sum(least(until, finished_at) - since) as waited
        from (
            select p.dossier_id, d.finished_at, p.status_code, p.processed_at as since,
                lead(p.processed_at) over (partition by p.dossier_id order by p.step_number) as until
            from {progress} p
            join (select dossier_id, max(finished_at) as finished_at from ({dossiers}) each group by dossier_id) d using (dossier_id)) step
        where status_code in {PAUSED} and until > since and finished_at > since group by dossier_id"""
