"""What happened in the demo city: complaints with their steps as plain values, from one source of chance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from egovframe.core.i18n import city_zone
from egovframe.hooks import DemoContext

DAYS = 545
"""Eighteen months."""
CLOSES_AFTER = timedelta(hours=336)
"""As the case type says: an answered complaint is closed by itself."""
LANGUAGES = ("ko", "ko", "ko", "ko", "en", "en", "ar")
CHANNELS = ("web",) * 6 + ("mobile", "mobile", "phone", "counter", "email")
STAFF, REPORTER, SYSTEM = "staff", "reporter", "system"
WORKING_DAY = 24 / 9 * 7 / 5
"""Hours of the clock that pass, on average, in an hour of Monday to Friday from nine to six."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StoryStep:
    """A step: which action, when, by ``staff``, ``reporter`` or ``system``."""

    action: str
    at: datetime
    by: str
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    """One complaint of the past, without anything of the database in it."""

    category: Mapping[str, Any]
    language: str
    received: datetime
    steps: list[StoryStep] = field(default_factory=list)
    district: str = ""
    text: str = ""
    address: str = ""
    place: tuple[float, float] = (0.0, 0.0)
    channel: str = "web"
    reporter: str = ""
    name: str = ""


Mix = tuple[tuple[str, int, int], ...]
MIX: Mix = (
    ("closed", 300, 11),
    ("refused_long_ago", 22, 1),
    ("withdrawn", 20, 2),
    ("answered_this_week", 26, 4),
    ("answered", 34, 3),
    ("refused", 10, 1),
    ("reopened", 8, 2),
    ("fresh", 30, 4),
    ("in_progress", 26, 3),
    ("waiting", 12, 2),
    ("outside", 5, 1),
    ("planned", 7, 1),
)
"""How a complaint ended or where it stands, with how many of them in the full and in the small city."""
OFFICER_DISTRICT, OFFICER_DEPARTMENT = "haneul", "roads"
OFFICER: tuple[tuple[str, float | None], ...] = (
    ("fresh", -0.2),
    ("in_progress", -2.0),
    ("fresh", 0.0),
    ("in_progress", 0.0),
    ("fresh", 1.0),
    ("in_progress", 1.0),
    ("fresh", 2.0),
    ("waiting", None),
    ("planned", None),
    ("reopened", None),
    ("fresh", None),
    ("in_progress", None),
    ("fresh", 1.0),
    ("outside", None),
    ("fresh", -0.4),
    ("in_progress", 2.0),
    ("waiting", None),
    ("planned", None),
)
"""The inbox of officer@demo.example: where each stands, and in how many days it is due (None: as it comes)."""
CITIZEN = ("answered_this_week", "waiting", "fresh", "closed", "planned", "reopened")
NEIGHBOUR = ("in_progress", "answered_this_week")


def tell_stories(demo: DemoContext, categories: Sequence[Mapping[str, Any]], words: Mapping[str, Any]) -> list[Story]:
    """Return what happened, the oldest first."""
    teller = Teller(demo, categories, words)
    stories = [*teller.of_officer(), *teller.of_person("citizen", CITIZEN), *teller.of_person("neighbour", NEIGHBOUR)]
    for kind, full, small in MIX:
        stories += [teller.story(kind) for _number in range(demo.amount(full, small))]
    return sorted(stories, key=lambda story: story.received)


class Teller:
    """Makes stories.

    Args:
        demo: chance, present instant, places.
        categories: entries of ``categories.toml``.
        words: ``stories.toml``.
    """

    def __init__(self, demo: DemoContext, categories: Sequence[Mapping[str, Any]], words: Mapping[str, Any]) -> None:
        self.demo = demo
        self.chance = demo.random
        self.now = demo.now
        self.categories = categories
        self.words = words
        self.districts = sorted(key.partition(":")[2] for key in demo.areas if key.startswith("district:"))
        self.point: Callable[[str, random.Random], tuple[float, float]] = demo.things["areas.point"]
        self.told: dict[tuple[str, str], int] = {}

    def of_officer(self) -> Iterator[Story]:
        """Yield a lively inbox for the officer: late, due today, due tomorrow, waiting, planned, taken up again."""
        roads = [one for one in self.categories if one["department"] == OFFICER_DEPARTMENT]
        quick = [one for one in roads if one["mode"] == "calendar"]
        for kind, due_in in OFFICER[: self.demo.amount(len(OFFICER), 8)]:
            category = self.chance.choice(quick if due_in is not None else roads)
            if due_in is not None and due_in >= 1:
                # Counted from its receipt, only a longer deadline can still be days away.
                category = max(quick, key=lambda one: one["hours"])
            yield self.story(kind, category=category, district=OFFICER_DISTRICT, due=self.due(due_in))

    def of_person(self, reporter: str, kinds: Sequence[str]) -> Iterator[Story]:
        """Yield complaints of one of the accounts that everybody may use."""
        for kind in kinds[: self.demo.amount(len(kinds), 3)]:
            yield self.story(kind, reporter=reporter)

    def due(self, days: float | None) -> datetime | None:
        """Return the instant in so many days: the afternoon of that day, later today for 0, the past below."""
        if days is None:
            return None
        if days < 0:
            return self.now + timedelta(days=days)
        local = self.now.astimezone(city_zone()) + timedelta(days=days)
        afternoon = local.replace(hour=16, minute=self.chance.randrange(60), second=0, microsecond=0)
        if days >= 1:
            return afternoon
        return min(max(afternoon, local + timedelta(hours=2)), local.replace(hour=23, minute=50, second=0))

    def story(
        self,
        kind: str,
        *,
        category: Mapping[str, Any] | None = None,
        district: str = "",
        reporter: str = "",
        due: datetime | None = None,
    ) -> Story:
        """Return one story of a kind of MIX."""
        entry = category or self.chance.choice(self.categories)
        language = self.chance.choice([one for one in LANGUAGES if one in self.demo.languages] or self.demo.languages)
        language = language if language in entry["texts"] else "en"
        begun, *steps = getattr(self, f"_{kind}")(entry, language, due)
        story = Story(entry, language, begun.at, steps)
        story.district = district or self.chance.choice(self.districts)
        story.place = self.point(story.district, self.chance)
        story.text = self._text(entry, language)
        story.address = self._address(language)
        story.reporter = reporter
        story.channel = "web" if reporter else self.chance.choice(CHANNELS)
        story.name = "" if reporter else self.chance.choice([*self.words["reporters"][language], "", ""])
        return story

    # What happened, by kind: the receipt first, then each step.

    def _closed(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        received = self.ago(24, DAYS)
        return self.until_closed(received, self.answered_steps(entry, language, received))

    def _answered(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        return self.answered_between(entry, language, 6.5, 13)

    def _answered_this_week(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        return self.answered_between(entry, language, 0.1, 4)

    def _refused(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        received = self.ago(6, 25)
        return [_begin(received), *self.refusal(language, received)]

    def _refused_long_ago(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        received = self.ago(50, DAYS)
        *steps, last = self.refusal(language, received)
        return [_begin(received), *steps, last, StoryStep("close", last.at + timedelta(days=30), SYSTEM)]

    def _withdrawn(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        received = self.ago(3, DAYS)
        return [
            _begin(received),
            StoryStep("cancel", self.later(received, 2, 40), REPORTER, self.say("withdrawal", language)),
        ]

    def _reopened(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        again = self.ago(0.1, 0.9)
        resolved = again - timedelta(hours=self.chance.uniform(20, 60))
        received = resolved - timedelta(hours=self.chance.uniform(20, 60))
        return [
            _begin(received),
            StoryStep("take", self.between(received, resolved), STAFF),
            StoryStep("resolve", resolved, STAFF, entry["answer"][language]),
            StoryStep("reopen_request", again, REPORTER, self.say("again", language)),
        ]

    def _fresh(self, entry: Mapping[str, Any], language: str, due: datetime | None) -> list[StoryStep]:
        return [_begin(self.running(entry, due))]

    def _in_progress(self, entry: Mapping[str, Any], language: str, due: datetime | None) -> list[StoryStep]:
        received = self.running(entry, due)
        taken = self.between(received, self.now)
        steps = [_begin(received), StoryStep("take", taken, STAFF)]
        if self.chance.random() < 0.3:
            steps.append(StoryStep("note", self.between(taken, self.now), STAFF, self.say("note", language)))
        return steps

    def _waiting(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        received = self.running(entry, None)
        asked = self.between(received, self.now)
        return [_begin(received), StoryStep("ask_reporter", asked, STAFF, self.say("question", language))]

    def _outside(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        received = self.running(entry, None)
        taken = self.between(received, self.now)
        waits = self.between(taken, self.now)
        told = StoryStep("wait_external", waits, STAFF, self.say("outside", language))
        return [_begin(received), StoryStep("take", taken, STAFF), told]

    def _planned(self, entry: Mapping[str, Any], language: str, _due: datetime | None) -> list[StoryStep]:
        received = self.running(entry, None)
        taken = self.between(received, self.now)
        step = self.plan(language, self.between(taken, self.now), self.now + timedelta(days=self.chance.randint(1, 9)))
        return [_begin(received), StoryStep("take", taken, STAFF), step]

    # What the kinds are made of.

    def answered_between(self, entry: Mapping[str, Any], language: str, least: float, most: float) -> list[StoryStep]:
        """Return the steps of a complaint that was answered so many days ago."""
        answered = self.desk_before(self.ago(least, most))
        received = answered - timedelta(hours=self.hours_to_answer(entry))
        return [_begin(received), *self.answered_steps(entry, language, received, answered)]

    def answered_steps(
        self, entry: Mapping[str, Any], language: str, received: datetime, answered: datetime | None = None
    ) -> list[StoryStep]:
        """Return taking, perhaps asking or planning, and the answer."""
        end = answered or min(self.office_hour(received + timedelta(hours=self.hours_to_answer(entry))), self.now)
        taken = self.between(received, end)
        steps = [StoryStep("take", taken, STAFF)]
        dice = self.chance.random()
        if dice < 0.2:
            asked = self.between(taken, end)
            steps.append(StoryStep("ask_reporter", asked, STAFF, self.say("question", language)))
            steps.append(StoryStep("reply", self.between(asked, end), REPORTER, self.say("reply", language)))
        elif dice < 0.35:
            steps.append(self.plan(language, self.between(taken, end), end))
        return [*steps, StoryStep("resolve", end, STAFF, entry["answer"][language])]

    def until_closed(self, received: datetime, steps: list[StoryStep]) -> list[StoryStep]:
        """Return the steps with the automatic close where its time has come."""
        closes = steps[-1].at + CLOSES_AFTER
        ended = [StoryStep("close", closes, SYSTEM)] if closes <= self.now else []
        return [_begin(received), *steps, *ended]

    def refusal(self, language: str, received: datetime) -> list[StoryStep]:
        """Return taking and declining, with what the reporter can do against it."""
        taken = self.later(received, 2, 30)
        declined = self.later(taken, 2, 60)
        remedy = {"remedy": self.say("remedy", language)}
        return [
            StoryStep("take", taken, STAFF),
            StoryStep("reject", declined, STAFF, self.say("refusal", language), remedy),
        ]

    def plan(self, language: str, at: datetime, day: datetime) -> StoryStep:
        """Return the step that plans work for a day."""
        planned = {"planned_for": day.astimezone(city_zone()).date().isoformat()}
        return StoryStep("plan", at, STAFF, self.say("plan", language), planned)

    def hours_to_answer(self, entry: Mapping[str, Any]) -> float:
        """Return the hours of the clock that an answer took: mostly within the deadline, sometimes long after it."""
        allowed = _hours(entry)
        late = self.chance.random() < 0.14
        return max(1.0, allowed * (self.chance.uniform(1.1, 2.4) if late else self.chance.uniform(0.15, 0.85)))

    def running(self, entry: Mapping[str, Any], due: datetime | None) -> datetime:
        """Return when a complaint came that is still worked on: in time, unless a deadline is asked for."""
        if due is not None:
            return min(due - timedelta(hours=entry["hours"]), self.now - 30 * MINUTE)
        share = self.chance.uniform(1.05, 1.4) if self.chance.random() < 0.08 else self.chance.uniform(0.1, 0.8)
        return self.now - timedelta(hours=max(1.0, _hours(entry) * share))

    def ago(self, least: float, most: float) -> datetime:
        """Return an instant so many days ago, when people are awake."""
        at = self.now - timedelta(days=self.chance.uniform(least, most))
        local = at.astimezone(city_zone())
        awake = local.replace(hour=self.chance.randint(7, 22)) if local.hour < 7 else local
        return min(awake, self.now - 10 * MINUTE)

    def later(self, at: datetime, least: float, most: float) -> datetime:
        """Return an office hour so many hours later, never in the future."""
        return min(self.office_hour(at + timedelta(hours=self.chance.uniform(least, most))), self.now)

    def between(self, start: datetime, end: datetime) -> datetime:
        """Return an instant between two, in an office hour where there is one."""
        at = start + (end - start) * self.chance.uniform(0.1, 0.8)
        for office in (self.office_hour(at), self.office_hour(start + MINUTE), self.desk_before(end - MINUTE)):
            if start < office < end:
                return office
        return at

    def office_hour(self, at: datetime) -> datetime:
        """Return the instant, or the next morning on which somebody is at the desk."""
        local = at.astimezone(city_zone())
        if _at_desk(local):
            return at
        day = local.date() + timedelta(days=1 if local.time() >= time(18) else 0)
        while day.weekday() >= 5:
            day += timedelta(days=1)
        return datetime.combine(day, time(9, self.chance.randrange(5, 55)), tzinfo=local.tzinfo)

    def desk_before(self, at: datetime) -> datetime:
        """Return the instant, or the last afternoon on which somebody was at the desk."""
        local = at.astimezone(city_zone())
        if _at_desk(local):
            return at
        day = local.date() - timedelta(days=1 if local.time() < time(9) else 0)
        while day.weekday() >= 5:
            day -= timedelta(days=1)
        return datetime.combine(day, time(17, self.chance.randrange(5, 55)), tzinfo=local.tzinfo)

    def say(self, what: str, language: str) -> str:
        """Return one of the sentences of ``stories.toml``."""
        return str(self.chance.choice(self.words[what])[language])

    def _text(self, entry: Mapping[str, Any], language: str) -> str:
        texts = entry["texts"][language]
        turn = self.told.get((entry["code"], language), self.chance.randrange(len(texts)))
        self.told[entry["code"], language] = turn + 1
        return str(texts[turn % len(texts)])

    def _address(self, language: str) -> str:
        street, number = self.chance.choice(self.words["streets"][language]), self.chance.randint(1, 140)
        return f"{number} {street}" if language == "en" else f"{street} {number}"


def _begin(at: datetime) -> StoryStep:
    return StoryStep("", at, REPORTER)


def _at_desk(local: datetime) -> bool:
    return local.weekday() < 5 and time(9) <= local.time() < time(18)


def _hours(entry: Mapping[str, Any]) -> float:
    hours = float(entry["hours"])
    return hours * WORKING_DAY if entry["mode"] == "working" else hours
