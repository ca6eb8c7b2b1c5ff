"""The plugin's part of the demo city: categories, who is in charge of them, and 18 months of complaints."""

from __future__ import annotations

from sqlalchemy.orm import Session

from civic_participation.seeds.catalogue import put_catalogue, put_jurisdictions, put_rules, read_demo_file
from civic_participation.seeds.stories import tell_stories
from civic_participation.seeds.writing import write_complaints
from egovframe.hooks import DemoContext


def seed(session: Session, demo: DemoContext) -> None:
    """Make categories, jurisdictions, rules and complaints in the caller's unit; again changes nothing."""
    catalogue, words = read_demo_file("categories.toml"), read_demo_file("stories.toml")
    categories = put_catalogue(session, catalogue)
    put_jurisdictions(session, demo, catalogue)
    put_rules(session, demo, words["rule"])
    write_complaints(session, demo, tell_stories(demo, catalogue["category"], words), categories)


__all__ = ["seed"]
