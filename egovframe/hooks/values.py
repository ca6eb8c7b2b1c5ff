"""What hooks answer with: small frozen values that check themselves, so that a wrong one fails where it is made.

``Text`` is a string or a lazy translation; it becomes text in the reader's language when it is shown.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, get_args

from egovframe.config import Settings
from egovframe.errors import Text

Place = Literal["main", "desk", "admin", "account", "footer"]
MenuGroup = Literal["", "matters", "person", "sign_in", "work"]
DemoSize = Literal["small", "full"]


def _expect(thing: object, kind: type | tuple[type, ...], *names: str) -> None:
    for name in names:
        value = getattr(thing, name)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise TypeError(f"{type(thing).__name__}.{name} is {type(value).__name__}: {value!r:.60}")


def _expect_words(thing: object, *names: str) -> None:
    for name in names:
        if not str(getattr(thing, name) or "").strip():
            raise TypeError(f"{type(thing).__name__}.{name} is empty")


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of a menu.

    Args:
        place: which menu: ``main``, ``desk``, ``admin``, ``account`` or ``footer``.
        label: the words of the link.
        endpoint: a Flask endpoint that needs no further values than the language.
        order: smaller comes first; the core uses tens from 10 to 90.
        icon: a name of the icon sprite, or empty.
        permission: shown only to those who hold it somewhere; None shows it to everybody.
        text: one sentence below the label where the menu is shown as cards.
        group: of the account menu: ``matters`` (what one has going on with the city; also where it is empty),
            ``person`` (who one is, and what the city knows), ``sign_in`` or ``work``.
        covers: further endpoints whose pages stand below this entry though their addresses do not.
    """

    place: Place
    label: Text
    endpoint: str
    order: int = 50
    icon: str = ""
    permission: str | None = None
    text: Text = ""
    group: MenuGroup = ""
    covers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _expect(self, str, "place", "endpoint", "icon", "group")
        _expect(self, tuple, "covers")
        _expect(self, int, "order")
        _expect(self, (str, type(None)), "permission")
        _expect_words(self, "label", "endpoint")
        if self.place not in get_args(Place):
            raise TypeError(f"NavItem.place is {self.place!r}: use one of {', '.join(get_args(Place))}")
        if self.group not in get_args(MenuGroup):
            raise TypeError(
                f"NavItem.group is {self.group!r}: use one of {', '.join(filter(None, get_args(MenuGroup)))}"
            )
        if self.group and self.place != "account":
            raise TypeError(f"NavItem.group is of the account menu, not of {self.place}")


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the large doors on the home page: a title, a sentence, an icon, an endpoint; smaller order first."""

    title: Text
    text: Text
    icon: str
    endpoint: str
    order: int = 50

    def __post_init__(self) -> None:
        _expect(self, str, "icon", "endpoint")
        _expect(self, int, "order")
        _expect_words(self, "title", "endpoint")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the home page: the template is rendered with the context, under the title; smaller order first."""

    title: Text
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    order: int = 50

    def __post_init__(self) -> None:
        _expect(self, str, "template")
        _expect(self, Mapping, "context")
        _expect(self, int, "order")
        _expect_words(self, "title", "template")


@dataclass(frozen=True, slots=True)
class Permission:
    """A right that roles can carry: its name ``room:thing:action`` and what it allows, for the roles page."""

    name: str
    title: Text

    def __post_init__(self) -> None:
        _expect(self, str, "name")
        _expect_words(self, "title")
        if len(self.name) > 100 or [bool(part) for part in self.name.split(":")] != [True, True, True]:
            raise TypeError(f"Permission.name is {self.name!r}: write it as room:thing:action")


@dataclass(frozen=True, slots=True)
class RoleTemplate:
    """A default role. Templates of several plugins with one code are merged: the first title, all permissions."""

    code: str
    title: Text
    permissions: Sequence[str]

    def __post_init__(self) -> None:
        _expect(self, str, "code")
        _expect(self, (list, tuple, frozenset, set), "permissions")
        _expect_words(self, "code", "title")
        if not all(isinstance(name, str) for name in self.permissions):
            raise TypeError("RoleTemplate.permissions holds something that is no permission name")


@dataclass(frozen=True, slots=True)
class CaseDetails:
    """What a plugin knows about one case, for the case page.

    Args:
        kind: the kind of case in words, such as "Complaint".
        facts: (label, value) pairs that everybody who sees the case may read.
        description: the applicant's own words.
        contact: (label, value) pairs of personal data; shown to staff in charge and to the applicant only.
        extra_template: a template included below the facts, rendered with ``case`` and the context.
        context: values for the extra template.
    """

    kind: Text
    facts: Sequence[tuple[Text, Any]] = ()
    description: str = ""
    contact: Sequence[tuple[Text, Any]] = ()
    extra_template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _expect(self, (list, tuple), "facts", "contact")
        _expect(self, str, "description", "extra_template")
        _expect(self, Mapping, "context")
        if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in (*self.facts, *self.contact)):
            raise TypeError("CaseDetails.facts and contact hold (label, value) pairs")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One thing found: its title, its local address (``/en/…``), the kind in words, a line of text around the find."""

    title: Text
    url: str
    kind: Text
    snippet: Text = ""

    def __post_init__(self) -> None:
        _expect(self, str, "url")
        _expect_words(self, "title", "url", "kind")
        if not self.url.startswith("/") or self.url.startswith(("//", "/\\")):
            raise TypeError(f"SearchHit.url is {self.url!r:.60}: give a local address that starts with one /")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message reaches: an e-mail address, a name, the language to write in, and the account if there is one."""

    email: str | None
    name: str = ""
    language: str | None = None
    account_id: int | None = None

    def __post_init__(self) -> None:
        _expect(self, (str, type(None)), "email", "language")
        _expect(self, str, "name")
        _expect(self, (int, type(None)), "account_id")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that is enqueued again and again: a unique name, the job's name, the interval, its payload (ids only)."""

    name: str
    job: str
    every: timedelta
    payload: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _expect(self, str, "name", "job")
        _expect(self, timedelta, "every")
        _expect(self, Mapping, "payload")
        _expect_words(self, "name", "job")
        if self.every < timedelta(seconds=1):
            raise TypeError(f"Schedule.every is {self.every}: at least one second")


class CommandCity(Protocol):
    """What a plugin's command gets with ``@click.pass_obj``: the city it works on."""

    @property
    def settings(self) -> Settings:
        """The city's settings."""
        ...

    def at_work(self) -> AbstractContextManager[Any]:
        """Give the database with the whole application around it: hooks, languages, the city's zone."""
        ...

    def progress(self, label: str) -> AbstractContextManager[Callable[[int], None]]:
        """Give a function that shows how much is done."""
        ...

    def print_facts(self, facts: Any, as_json: bool, lines: Sequence[str]) -> None:
        """Print facts as JSON, or as the lines that a person reads."""
        ...


@dataclass(slots=True)
class DemoContext:
    """What the fillers of the demo city share; the core's rooms put their things in, plugins take them out.

    Args:
        random: the only source of chance (fixed seed), so that every demo city is the same.
        now: the instant that "today" is relative to, UTC.
        size: ``small`` makes the least that every page needs (tests), ``full`` the whole city.
        languages: the city's languages; content is made in each.
        accounts: account models by e-mail address.
        areas: area models by ``layer:code``.
        departments: department models by code.
        things: anything else a filler wants to hand on, under ``room.thing``.
    """

    random: random.Random
    now: datetime
    size: DemoSize = "full"
    languages: tuple[str, ...] = ("en",)
    accounts: MutableMapping[str, Any] = field(default_factory=dict)
    areas: MutableMapping[str, Any] = field(default_factory=dict)
    departments: MutableMapping[str, Any] = field(default_factory=dict)
    things: MutableMapping[str, Any] = field(default_factory=dict)

    def amount(self, full: int, small: int) -> int:
        """Return how many to make: ``full`` in the whole city, ``small`` in the small one."""
        return full if self.size == "full" else small
