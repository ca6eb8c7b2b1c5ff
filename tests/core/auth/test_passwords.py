"""What makes a good password, and what a wrong one costs."""

from __future__ import annotations

import pytest

from egovframe.core.auth import CHEAP, AuthPolicy, hash_password
from egovframe.core.auth.passwords import is_outdated, verify_password, weakness
from egovframe.errors import Invalid


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password2026",
        "Password-2026!",
        "P@ssw0rd1234",
        "123456789012",
        "qwertyuiop12",
        "aaaaaaaaaaaaaa",
        "abababababab",
        "abcdefghijkl",
        "welcome12345!",
        "administrator1",
        "x" * 201,
    ],
)
def test_what_attackers_try_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        hash_password(password, CHEAP)
    assert list(caught.value.errors) == ["password"]


@pytest.mark.parametrize(
    "password",
    [
        "demo-city-2026",
        "quiet-harbour-lantern",
        "correct horse battery",
        "서울의 달과 별이 빛나는 밤",
        "843926571034x9",
        "   spaced   out   ",
    ],
)
def test_no_composition_rules(password: str) -> None:
    assert verify_password(hash_password(password, CHEAP), password, CHEAP)


def test_the_name_in_the_address_is_no_password() -> None:
    assert weakness("minjoon-2026-1", "minjoon@city.example") is not None
    assert weakness("minjoon-2026-1", "other@city.example") is None


def test_keyboards_that_compose_differently_agree() -> None:
    hashed = hash_password("é-la-carte-demain", CHEAP)
    assert verify_password(hashed, "e\u0301-la-carte-demain", CHEAP)
    assert not verify_password(hashed, "e-la-carte-demain", CHEAP)


def test_hashes_of_another_cost_are_outdated_and_of_another_kind_are_wrong() -> None:
    hashed = hash_password("quiet-harbour-lantern", CHEAP)
    assert hashed.startswith("$argon2id$")
    assert not is_outdated(hashed, CHEAP)
    assert is_outdated(hashed, AuthPolicy(argon2_time=2, argon2_memory_kib=16))
    assert not verify_password("plain text", "plain text", CHEAP)
    assert not verify_password(None, "no account has this password", CHEAP)
