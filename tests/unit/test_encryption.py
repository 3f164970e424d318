"""Of which lines the doctor warns, and in which words."""

import pytest

from resources.servers.encryption import Line
from resources.servers.failures import LineInClear, LineMayBeClear, ServerUnproved


@pytest.mark.parametrize(
    ("line", "warning"),
    [
        (Line("socket", None, "prefer"), None),
        (Line("loopback", None, "disable"), None),
        (Line("network", None, "prefer"), LineInClear),
        (Line("network", None, "disable"), LineInClear),
        (Line("network", "TLSv1.3", "prefer"), LineMayBeClear),
        (Line("network", "TLSv1.3", "allow"), LineMayBeClear),
        (Line("network", "TLSv1.3", "require"), ServerUnproved),
        (Line("network", "TLSv1.3", "verify-ca"), ServerUnproved),
        (Line("network", "TLSv1.3", "verify-full"), None),
    ],
)
def test_only_a_proved_server_over_the_network_is_not_warned_of(line: Line, warning: type | None) -> None:
    amiss = line.amiss("WAREHOUSE_URL")
    assert type(amiss) is (warning or type(None))
    if amiss:
        assert "WAREHOUSE_URL" in str(amiss) and f"sslmode={line.mode}" in str(amiss) and "verify-full" in str(amiss)
    if line.place == "network":
        assert f"qua mạng, {line.protocol or 'không mã hóa'}, sslmode={line.mode}" == line.told
