"""The plugin's part of the demo city."""

from __future__ import annotations

from sqlalchemy.orm import Session

from egovframe.hooks import DemoContext


def seed(session: Session, demo: DemoContext) -> None:
    """Make categories, jurisdictions and 18 months of complaints."""
