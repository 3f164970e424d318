"""Payments to persons with meritorious services and their relatives."""

from assets.reports.populations.payments import payments, with_persons

PAYMENTS = payments("meritorious_persons_monthly_payments", "profile_id", "payment_way_code")
PAID_PERSONS = with_persons(PAYMENTS, "profile_id", "meritorious_persons_profiles")
