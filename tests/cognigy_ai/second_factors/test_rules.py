"""What is typed, and what the app is told. Pure."""

import base64

import pytest
from pyotp import TOTP

from cognigy_ai.second_factors import rules
from cognigy_ai.second_factors.qr import qr_path

# RFC 6238 appendix B, the rows for SHA-1, whose last six digits an app shows.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]


@pytest.mark.parametrize(("now", "code"), RFC_CODES, ids=[str(now) for now, _ in RFC_CODES])
def test_codes_are_those_of_the_rfc(now: int, code: str) -> None:
    assert rules.matching_step(RFC_SECRET, code, -1, now) == now // 30


def test_a_code_of_a_step_that_was_used_fits_no_more() -> None:
    now, code = RFC_CODES[2]
    assert rules.matching_step(RFC_SECRET, code, now // 30, now) is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ABCD-EFGH-IJKL-MNOP-QRST-UVWX", "ABCDEFGHIJKLMNOPQRSTUVWX"),
        ("abcd efgh ijkl mnop qrst uvwx", "ABCDEFGHIJKLMNOPQRSTUVWX"),
        ("0BCD-EFGH-1JKL-MN0P-QRST-8VWX", "OBCDEFGHIJKLMNOPQRSTBVWX"),
        ("ABCD-EFGH", None),
        ("ABCD-EFGH-IJKL-MNOP-QRST-UVW9", None),
        ("", None),
    ],
)
def test_recovery_codes_are_read_as_people_write_them(typed: str, code: str | None) -> None:
    assert rules.recovery_code(typed) == code


def test_the_app_is_told_whose_secret_it_is() -> None:
    uri = rules.provisioning_uri(RFC_SECRET, "ada@acme.example", "Acme: Köln & Söhne")
    assert uri.startswith("otpauth://totp/")
    assert f"secret={RFC_SECRET}" in uri
    assert "&" not in uri.partition("issuer=")[2].partition("&")[0]
    assert "ada%40acme.example" in uri


def test_a_qr_code_holds_every_module_of_its_rows() -> None:
    from segno import make

    text = TOTP(RFC_SECRET).provisioning_uri(name="ada@acme.example", issuer_name="Cognigy.AI")
    size, path = qr_path(text)
    drawn = sum(
        int(stroke.partition("h")[2].partition("v")[0]) for stroke in path.split("M") if stroke
    )
    rows = [tuple(row) for row in make(text, error="m", micro=False).matrix_iter(border=4)]
    assert size == len(rows)
    assert drawn == sum(bool(bit) for row in rows for bit in row)
