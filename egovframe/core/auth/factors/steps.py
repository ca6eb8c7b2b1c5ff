"""The steps that a sign-in may still have to take."""

from __future__ import annotations

SECOND_FACTOR = "second_factor"
"""The account has a second factor and this session has not shown it."""
CHOOSE_FACTOR = "choose_factor"
"""A role asks for a second factor and none is set up. Asked at every load, so that a role given later counts."""
