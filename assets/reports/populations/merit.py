"""Payments to persons with meritorious services and their relatives."""

from assets.reports.populations.payments import payments

PAYMENTS = payments("meritorious_persons_monthly_payments", "profile_id", "payment_way_code")
