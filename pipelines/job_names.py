"""What the jobs are called, for who asks what became of them without Dagster."""

REPORTS_JOB = "nightly_reports"
REHEARSAL_JOB = "weekly_rehearsal"
POPULATION_JOB = "population_check"
RETENTION_JOB = "weekly_retention"


def night_job_name(source: str) -> str:
    return f"nightly_{source}"
