"""What the settings of the alerts may hold. What is wrong is told by its setting, and never repeated."""

from urllib.parse import quote

import pytest

from resources.alerting import channels
from resources.alerting.channels import Mail, configured, usable
from resources.failing import Failure

SECRET = "s3cr3t-KHÓA"  # pragma: allowlist secret


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALERT_SMTP_URL", "ALERT_TO", "ALERT_FROM", "ALERT_WEBHOOK_URL", "ALERT_CA_FILE"):
        for suffix in ("", "_FILE"):
            monkeypatch.delenv(name + suffix, raising=False)


def test_without_settings_there_is_no_channel() -> None:
    assert configured() == []


@pytest.mark.parametrize(
    ("url", "is_tls", "host", "port"),
    [
        ("smtps://thu.vi-du.invalid", True, "thu.vi-du.invalid", 465),
        ("smtp://thu.vi-du.invalid", False, "thu.vi-du.invalid", 587),
        ("smtp://thu.vi-du.invalid:2525/", False, "thu.vi-du.invalid", 2525),
        ("smtp://localhost", False, "localhost", 25),
        ("smtps://[::1]:465", True, "::1", 465),
    ],
)
def test_a_mail_server_is_taken_from_its_address(
    url: str, is_tls: bool, host: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERT_SMTP_URL", url)
    monkeypatch.setenv("ALERT_TO", "truc@so.vi-du.invalid, cntt@so.vi-du.invalid")
    (found,) = configured()
    assert isinstance(found, Mail)
    assert (found.is_tls, found.host, found.port) == (is_tls, host, port)
    assert found.recipients == ("truc@so.vi-du.invalid", "cntt@so.vi-du.invalid")
    assert found.sender.startswith("ansinh@")


def test_an_account_comes_out_of_a_file_and_is_shown_by_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "url"
    kept.write_text(f"smtps://truc%40so.vi-du.invalid:{quote('p@s/s?#', safe='')}@thu.vi-du.invalid")
    monkeypatch.setenv("ALERT_SMTP_URL_FILE", str(kept))
    monkeypatch.setenv("ALERT_TO", "cntt@so.vi-du.invalid")
    (found,) = configured()
    assert isinstance(found, Mail)
    assert (found.user, found.password, found.sender) == ("truc@so.vi-du.invalid", "p@s/s?#", "truc@so.vi-du.invalid")
    assert "p@s" not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        f"smtps://u:{SECRET}@thu.vi-du.invalid",
        "smtps://u:s3cr3t/x@thu.vi-du.invalid",
        "smtps://u:s3cr3t?x@thu.vi-du.invalid",
        "smtps://u:s3cr3t#x@thu.vi-du.invalid",
        "smtps://u:s3cr3t@thu.vi-du.invalid:99999",  # pragma: allowlist secret
        "smtps://u:s3cr3t@thu.vi-du.invalid:0",  # pragma: allowlist secret
        "smtps://u:s3cr3t%0d%0aX@thu.vi-du.invalid",  # pragma: allowlist secret
        "smtps://u:s3cr3t%ff@thu.vi-du.invalid",  # pragma: allowlist secret
        "smtps://:s3cr3t@thu.vi-du.invalid",
        "smtps://u@thu.vi-du.invalid",
        "https://u:s3cr3t@thu.vi-du.invalid",  # pragma: allowlist secret
        "smtps://u:s3cr3t@",  # pragma: allowlist secret
        "smtps://u:s3cr3t@thu vi-du.invalid",  # pragma: allowlist secret
        "s3cr3t",
    ],
)
def test_what_is_no_address_of_a_mail_server_is_not_repeated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_SMTP_URL", url)
    monkeypatch.setenv("ALERT_TO", "cntt@so.vi-du.invalid")
    with pytest.raises(Failure) as refused:
        configured()
    assert "ALERT_SMTP_URL" in str(refused.value) and "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize(
    "to", ["x", "a@b, ", "a@b\nBcc: c@d", "A <a@b.c>", ",", "a@b;c@d", ",".join(f"a{n}@b.c" for n in range(21))]
)
def test_whom_to_write_to_is_mailboxes_and_no_header(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_SMTP_URL", "smtps://thu.vi-du.invalid")
    monkeypatch.setenv("ALERT_TO", to)
    if to == "a@b, ":  # a comma at the end is none the worse
        assert len(configured()) == 1
        return
    with pytest.raises(Failure, match="ALERT_TO"):
        configured()


@pytest.mark.parametrize("name", ["ALERT_SMTP_URL", "ALERT_TO"])
def test_half_of_a_mail_channel_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "smtps://thu.vi-du.invalid" if name.endswith("URL") else "cntt@so.vi-du.invalid")
    with pytest.raises(Failure, match=r"ALERT_TO.*ALERT_SMTP_URL|ALERT_SMTP_URL.*ALERT_TO"):
        configured()


@pytest.mark.parametrize(
    ("url", "rest"),
    [
        ("https://hooks.vi-du.invalid/services/T0/B0/xYz", "/services/T0/B0/xYz"),
        ("https://x.vi-du.invalid:8443/w?api-version=1&sp=%2Ft&sig=a_b-c", "/w?api-version=1&sp=%2Ft&sig=a_b-c"),
        ("https://api.vi-du.invalid/bot12:AAA/sendMessage?chat_id=-1", "/bot12:AAA/sendMessage?chat_id=-1"),
        ("https://hooks.vi-du.invalid", "/"),
        ("http://127.0.0.1:8065/hooks/x", "/hooks/x"),
    ],
)
def test_a_webhook_keeps_its_path_and_query(url: str, rest: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_WEBHOOK_URL", url)
    found = channels.webhook()
    assert found is not None and found.rest == rest
    assert rest == "/" or rest not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.vi-du.invalid/s3cr3t",
        "ftp://hooks.vi-du.invalid/s3cr3t",
        "https://u:s3cr3t@hooks.vi-du.invalid/",  # pragma: allowlist secret
        "https://hooks.vi-du.invalid/s3cr3t\nX",
        "https://hooks.vi-du.invalid/s3cr3t#x",
        "https://hooks.vi-du.invalid/../s3cr3t",
        "https://hooks.vi-du.invalid/s3cr3t khóa",
        "https:///s3cr3t",
        "s3cr3t",
    ],
)
def test_what_is_no_webhook_is_not_repeated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_WEBHOOK_URL", url)
    with pytest.raises(Failure) as refused:
        channels.webhook()
    assert "ALERT_WEBHOOK_URL" in str(refused.value) and "s3cr3t" not in str(refused.value)


def test_one_channel_that_is_wrong_does_not_silence_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_SMTP_URL", "smtps://thu.vi-du.invalid")
    monkeypatch.setenv("ALERT_TO", "cntt@so.vi-du.invalid")
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "http://hooks.vi-du.invalid/x")
    found, wrong = usable()
    assert [c.name for c in found] == ["mail"] and len(wrong) == 1
