"""Social assistance: who lives on it in the community, by group and age, and the payments."""

from assets.reports.dimensions import UNCLEAR
from assets.reports.populations.payments import payments, with_persons
from assets.reports.populations.persons import ENTITLED, person
from assets.reports.populations.places import OWN_CELL, placed

PERSON = person("beneficiary_id")

# K3 and K8 mean HIV, K6 a disability: the code is that fact. The three are one line of the province, with nothing beside it.
GROUP = "case when group_code ~ '^K(3|6|8)' then 'khac' else split_part(group_code, '.', 1) end"

# NĐ 20/2021/NĐ-CP moves people at 4, 16, 60, 75 and 80.
AGE = """case when age < 4 then '0-3' when age < 16 then '4-15' when age < 60 then '16-59' when age < 75 then '60-74'
    when age < 80 then '75-79' when age >= 80 then '80+' end"""
AGE_ON_THE_FIRST = """case when birth_date is not null then extract(year from age(:first_of_month, birth_date))
    else extract(year from cast(:first_of_month as date)) - birth_year end"""

# At home, or with a family that took them in; not in an establishment.
IN_THE_COMMUNITY = "care_place_code in (1, 3)"

_COLUMNS = f"{PERSON} as person, group_code, sex_code::text as gioi_tinh, {AGE_ON_THE_FIRST} as age"
ASSISTED = f"""
    select unit, person, {GROUP} as nhom, gioi_tinh, coalesce({AGE}, '{UNCLEAR}') as tuoi
    from ({placed("social_protection_beneficiaries", _COLUMNS, OWN_CELL)} where {ENTITLED} and {IN_THE_COMMUNITY}) entitled"""

PAYMENTS = payments("social_protection_monthly_payments", "beneficiary_id")
LISTED_PERSONS = with_persons(PAYMENTS, "beneficiary_id", "social_protection_beneficiaries")
