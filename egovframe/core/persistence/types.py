"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import BigInteger, DateTime, String, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from egovframe.core.persistence.keyring import Keyring

KEYRING_ATTRIBUTE = "egovframe_keyring"


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, stores UTC (text with microseconds on SQLite), returns aware values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant; hand SQLite a UTC one without offset so that text order is time order."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class BoundedJSON(TypeDecorator[Any]):
    """JSON as text, refused above ``limit`` bytes, stored with sorted keys so that equal values are equal text."""

    impl = Text
    cache_ok = True

    def __init__(self, limit: int = 65_536) -> None:
        super().__init__()
        self.limit = limit

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Serialise; raise ValueError above the limit or for NaN and infinities."""
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
        if len(text.encode()) > self.limit:
            raise ValueError(f"a JSON value of {len(text.encode())} bytes is over the column's limit of {self.limit}")
        return text

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Parse what was stored."""
        return None if value is None else json.loads(value)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        """Compare with plain strings as text."""
        return String() if isinstance(value, str) else self


class Money(TypeDecorator[Decimal]):
    """An amount in the city's currency, stored as whole minor units (cents); never a float.

    Args:
        digits: decimal places of the currency (ISO 4217 minor unit): 2 for USD, 0 for KRW.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, digits: int = 2) -> None:
        super().__init__()
        self.digits = digits

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Store minor units; raise ValueError for a fraction of one, infinity, or more than a bigint holds."""
        if value is None:
            return None
        amount = Decimal(value)
        if not amount.is_finite():
            raise ValueError(f"{value} is no amount")
        minor = Fraction(amount) * 10**self.digits  # exact, where Decimal would round to its context
        if minor.denominator != 1:
            raise ValueError(f"{value} has more than {self.digits} decimal places")
        if abs(minor) >= 2**63:
            raise ValueError(f"{value} is too large an amount")
        return int(minor)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Return the amount in major units."""
        return None if value is None else Decimal(value).scaleb(-self.digits)


class EncryptedText(TypeDecorator[str]):
    """Personal text under AES-256-GCM with the key id in the value; look it up through a blind index column.

    The key ring hangs on the engine's dialect, so two applications in one process keep their own keys.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt with the newest key."""
        return None if value is None else keyring_of(dialect).encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt with the key that the value names."""
        return None if value is None else keyring_of(dialect).decrypt(value)


def keyring_of(dialect: Dialect) -> Keyring:
    """Return the key ring of the database that this dialect belongs to."""
    ring = getattr(dialect, KEYRING_ATTRIBUTE, None)
    if not isinstance(ring, Keyring):
        raise RuntimeError("encrypted columns need a Database opened with a key ring")
    return ring
