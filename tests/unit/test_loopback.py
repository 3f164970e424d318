"""What counts as this machine itself is judged in one place, for the lines to servers and for the reporting gateway alike."""

import pytest

from resources.loopback import is_loopback
from resources.reporting.address import read_address


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST"])
def test_this_machine_by_every_writing(host: str) -> None:
    assert is_loopback(host)
    assert read_address(f"http://{f'[{host}]' if ':' in host else host}:8000").is_here


@pytest.mark.parametrize("host", ["10.0.0.1", "::ffff:10.0.0.1", "::2", "localhost.tinh.vn", "128.0.0.1", "máy", ""])
def test_every_other_host_is_another_machine(host: str) -> None:
    assert not is_loopback(host)
