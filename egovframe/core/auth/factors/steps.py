"""The steps that a sign-in may still have to take."""

from __future__ import annotations

SECOND_FACTOR = "second_factor"
"""The account has a second factor and this session has not shown it."""
CHOOSE_FACTOR = "choose_factor"
"""A role asks for a second factor and none is set up. Asked anew at every load: a role given during a session counts."""
