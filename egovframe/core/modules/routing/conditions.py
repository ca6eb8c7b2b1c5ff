"""Conditions of a rule: every one given must hold; none given means always."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from egovframe.core.modules.routing.values import Matter

CONDITIONS = ("subjects", "areas", "weekdays", "hours", "channels", "answers")


def holds(conditions: Mapping[str, Any], matter: Matter) -> bool:
    """Whether the matter meets every condition.

    ``subjects``: codes, the matter's own or an ancestor's. ``areas``: area ids, containing the place or an ancestor of
    one that does. ``weekdays``: 1 (Monday) to 7, ISO 8601. ``hours``: ``[["22:00", "06:00"], …]`` local, half-open,
    over midnight where the end is not later. ``channels``. ``answers``: ``{question: [any of these]}``.
    """
    local = matter.at.astimezone(matter.zone)
    tests = {
        "subjects": lambda wanted: not set(wanted).isdisjoint(matter.subjects),
        "areas": lambda wanted: not set(wanted).isdisjoint(area_ids(matter)),
        "weekdays": lambda wanted: local.isoweekday() in wanted,
        "hours": lambda wanted: any(_within(span, local) for span in wanted),
        "channels": lambda wanted: matter.channel in wanted,
        "answers": lambda wanted: all(_answered(matter.answers.get(key), among) for key, among in wanted.items()),
    }
    return all(tests[name](wanted) for name, wanted in conditions.items())


def area_ids(matter: Matter) -> set[int]:
    """Return the ids of every area that contains the place, ancestors included."""
    return {one for area in matter.areas for one in (area.id, *area.parent_ids)}


def _within(span: Sequence[str], local: datetime) -> bool:
    start, end = (time.fromisoformat(text) for text in span)
    moment = local.time()
    return start <= moment < end if start < end else moment >= start or moment < end


def _answered(given: Any, among: Sequence[Any]) -> bool:
    answers = given if isinstance(given, list | tuple) else [given]
    return any(answer in among for answer in answers)
