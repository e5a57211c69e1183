"""USD cents as people read them: the one place where an amount becomes text."""

from __future__ import annotations


def plain(cents: int) -> str:
    """`-123456` -> `-1,234.56`: dollars and cents without a sign of the currency."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def dollars(cents: int) -> str:
    """`-123456` -> `-$1,234.56`. The minus is the one of the keyboard, which every terminal can show."""
    return f"{'-' if cents < 0 else ''}${plain(abs(cents))}"


def span(least: int, most: int) -> str:
    """An amount, or the range it lies in: `$663.57`, `$663.57 to $1,626.00`."""
    return dollars(least) + (f" to {dollars(most)}" if most != least else "")


def signed_dollars(cents: int) -> str:
    """A difference: `-22119` -> `-$221.19`, `54200` -> `+$542.00`, `0` -> `+$0.00`."""
    return dollars(cents) if cents < 0 else f"+{dollars(cents)}"
