"""Persons with meritorious services and their relatives: whose files are drawn by monthly, and the payments."""

from assets.reports.populations.payments import payments, with_persons

PAYMENTS = payments("meritorious_persons_monthly_payments", "profile_id", "payment_way_code")
PAID_PERSONS = with_persons(PAYMENTS, "profile_id", "meritorious_persons_profiles")

# A martyr's own file and that of who is paid once (group 11) stand in the register, and nothing is drawn by them monthly, whatever day
# they name (Pháp lệnh 02/2020/UBTVQH14, Điều 3, Điều 15, Điều 16).
DRAWN_MONTHLY = "(is_relative or category_code not in ('03', '11'))"
