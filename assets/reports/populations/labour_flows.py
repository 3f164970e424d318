"""What happens in labour and employment day by day: lists of the province."""

from assets.reports.populations.flows import flow

DECISIONS = flow(
    "labour_employment_unemployment_decisions",
    "decision_date",
    "sex_code::text as gioi_tinh, benefit_vnd::numeric * benefit_months as money",
)
