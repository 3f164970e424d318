"""AS-T: the monthly form, sent on the first working day after the payment lists are due."""

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa

from assets.reports.form import DueRule, Form
from assets.reports.populations.assistance import ASSISTED, IN_THE_COMMUNITY, PAYMENTS, PERSON
from assets.reports.reconcile import Counted, Finding, by_unit, has_all
from schemas.written import grouped

_IN_BOTH = "(cast(:both as text[]) is null or unit = any(:both))"
ON_THE_LIST = f"""
    select (select count(distinct person) from ({ASSISTED}) entitled where {_IN_BOTH}) as entitled,
        (select count(distinct {PERSON}) from ({PAYMENTS}) paid
            join core.social_protection_beneficiaries b using (beneficiary_id)
            where {_IN_BOTH} and b.{IN_THE_COMMUNITY}) as payees"""


def all_entitled_are_on_the_list(counted: Counted) -> Iterator[Finding]:
    """As many persons are paid, collected or not, as are entitled on the first of the month."""
    figures = counted.figures
    # Both sides count the same units: else a unit whose list is not in would be taken for a difference. Once all lists are in, persons who
    # stand in no unit count as well.
    is_whole = has_all(figures, "BTX01") and has_all(figures, "BTX02")
    both = None if is_whole else sorted(by_unit(figures, "BTX01").keys() & by_unit(figures, "BTX02").keys())
    entitled, payees = counted.connection.execute(sa.text(ON_THE_LIST), {**counted.parameters, "both": both}).one()
    if entitled != payees:
        told = (
            f"ở các đơn vị đã có danh sách chi trả của tháng: {grouped(entitled)} người đang hưởng tại cộng đồng, "
            f"{grouped(payees)} người trong danh sách, chênh {'+' if entitled > payees else '-'}{grouped(abs(entitled - payees))}"
        )
        yield Finding("BTX01", told, "failed_control")


FORM = Form(
    code="AS-T",
    title="Báo cáo tháng: chi trả ưu đãi, trợ giúp xã hội và việc làm",
    kind="monthly",
    regime_code="ND09.T",
    indicator_codes=("NCC01", "NCC02", "NCC05", "BTX01", "BTX02", "BTX07", "LD05", "LD06", "LD07", "LD08"),
    due=(
        DueRule(
            after_datasets=("meritorious_persons.monthly_payments", "social_protection.monthly_payments"),
            lock_months=1,
            legal_basis=(
                "Quy ước của sở: ngày làm việc đầu tiên sau hạn của danh sách chi trả "
                "(NĐ 20/2021/NĐ-CP: đơn vị chi trả báo cáo trước ngày 20)"
            ),
            confidence="proposal",
            valid_from=dt.date(2022, 1, 1),
        ),
    ),
    controls=(all_entitled_are_on_the_list,),
    legal_basis="NĐ 09/2019/NĐ-CP, Điều 12; TT 01/2018/TT-BLĐTBXH",
)
