"""Persons with meritorious services and their relatives: whose files are drawn by monthly, and the payments."""

from assets.reports.populations.payments import payments, with_persons
from schemas.sources.meritorious_persons.rules import NOT_DRAWN_MONTHLY

PAYMENTS = payments("meritorious_persons_monthly_payments", "profile_id", "payment_way_code")
PAID_PERSONS = with_persons(PAYMENTS, "profile_id", "meritorious_persons_profiles")

DRAWN_MONTHLY = f"(is_relative or category_code not in {NOT_DRAWN_MONTHLY})"
