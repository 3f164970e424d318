"""How often a service is asked."""

import hypothesis.strategies as st
from hypothesis import given

from resources.connectors.rest.pace import MINUTE, Pace


@given(st.integers(1, 5), st.lists(st.integers(0, 40), max_size=40))
def test_in_no_minute_are_there_more_calls_than_allowed_and_none_waits_that_may_go(most: int, pauses: list[int]) -> None:
    pace, now, went = Pace(most), 0.0, list[float]()
    for pause in pauses:
        now += pause
        free = pace.next(now)
        within = [t for t in went if t > now - MINUTE]
        assert free >= now and (free == now or len(within) >= most)
        now = free
        went.append(free)
        assert sum(t > free - MINUTE for t in went) <= most
