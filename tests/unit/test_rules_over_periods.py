"""A rule over sets that is asked of many periods at once: which words of its query are those of a period."""

from schemas.dataset import SetRule
from schemas.projections.postgres import set_rule_query_over_periods


def test_only_the_parameters_of_a_period_are_asked_of_each_period() -> None:
    """Neither a type, nor what is quoted, nor a longer name."""
    sql = (
        "select ':period, ''s :last_day' as said, cast(:first_day as date), a::period, :periods where p = :period and d<:last_day"
    )
    rule = SetRule(name="r", message="", column="c", legal="", ref="", sql=sql)
    assert (
        "(select ':period, ''s :last_day' as said, cast(asked_of.first_day as date), a::period, :periods "
        "where p = asked_of.period and d<asked_of.last_day)" in set_rule_query_over_periods(rule)
    )
