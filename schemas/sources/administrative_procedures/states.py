"""The states of a dossier, and the time in which it waited for the applicant, as SQL. What is a step from one to another is dated: rates.py."""

PAUSED = (5, 6)  # asked to complete the dossier, or to pay
FINISHED, RETURNED = 9, 10


def waited(progress: str, dossiers: str) -> str:
    """SQL: for each of some dossiers (a query of `dossier_id`) how long it waited for the applicant in all; none that never did.

    A pause lasts from its step to the next that is known. One that nothing follows is not over, and counts nothing.
    """
    return f"""
        select dossier_id, sum(until - since) as waited
        from (
            select dossier_id, status_code, processed_at as since,
                lead(processed_at) over (partition by dossier_id order by step_number) as until
            from {progress} where dossier_id in ({dossiers})) step
        where status_code in {PAUSED} and until > since group by dossier_id"""
