"""The copy of the erasures that lies outside the warehouse: where it cannot be kept, that is said by its place."""

from pathlib import Path

import pytest

from pipelines.person import acting
from pipelines.person.failures import ActsUnwritten


def test_a_place_that_takes_no_copy_is_named() -> None:
    told = dict.fromkeys(acting._NAMES, "x")
    with pytest.raises(ActsUnwritten, match=r"/proc/self/person-acts\.json.*ansinh person redo"):
        acting._merge(Path("/proc/self") / acting.COPY, [told])
