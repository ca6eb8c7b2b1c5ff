"""``egovframe lab check``: looks at the running city and says what it saw and what it expected."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import click
import polib
from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.modules.areas import Area, area_by_code
from egovframe.core.modules.cases import Case
from egovframe.core.modules.organisation import Department, Post, department_by_code, jurisdictions_for, post_by_code
from egovframe.core.persistence import now
from egovframe.errors import BadRequest

SECONDS = 10
SUBJECT = "graffiti"
OWNER = "buildings"
POST = "waste.haneul"
DISTRICT = ("district", "haneul")
WORDS = "What is it about?"
CATALOGUE = Path("translations/en/LC_MESSAGES/messages.po")
HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a lab: whether it is done, what was seen, and what was expected."""

    title: str
    done: bool
    saw: str
    expected: str


class Unreachable(BadRequest):
    """The city does not answer at its address."""


@click.group(epilog="Example: egovframe --city demo lab check 1")
def lab() -> None:
    """Labs for trainers and people who learn: docs/tutorial."""


@lab.command(epilog="Example: egovframe --city demo lab check 1 --url http://localhost:8000")
@click.argument("number", type=click.Choice(["1"]))
@click.option("--url", help="Where the city answers (default: its public address).")
@json_option
@pass_city
def check(city: CityContext, number: str, url: str | None, as_json: bool) -> None:
    """Look at the running city and say for each step of lab NUMBER what was seen; exit with 1 until all is done."""
    base = (url or city.settings.public_url).rstrip("/")
    steps = list(LABS[number](city, base))
    print_facts([asdict(step) for step in steps], as_json, lambda: [_line(*entry) for entry in enumerate(steps, 1)])
    if not all(step.done for step in steps):
        raise click.exceptions.Exit(1)
    if not as_json:
        click.echo("Everything is done. Well done!")


def first_lab(city: CityContext, base: str) -> Iterator[Step]:
    """Yield the steps of lab 1: a category, a rule and a text; the case goes elsewhere."""
    yield _category(base)
    with city.database.reading() as session:
        cases = session.scalars(select(Case).where(Case.subject == SUBJECT).order_by(Case.id)).all()
        yield _first_case(session, list(cases))
        yield _rule(session)
        yield _second_case(session, list(cases))
    yield _text(city.settings.folder, base)


def _category(base: str) -> Step:
    listed = json.loads(_fetch(f"{base}/api/v1/complaints/categories"))
    items = listed["items"] if isinstance(listed, dict) else listed
    found = next((one for one in items if one["code"] == SUBJECT), None)
    if found is None:
        saw = f"{len(items)} categories, none of them with the code {SUBJECT}"
    else:
        saw = f"{found['name']} ({SUBJECT}), department {found['department']}"
    done = found is not None and found["department"] == OWNER
    return Step("A category", done, saw, f"a category {SUBJECT} that the department {OWNER} owns")


def _first_case(session: Session, cases: list[Case]) -> Step:
    owner = department_by_code(session, OWNER)
    found = next((case for case in cases if owner and case.department_id == owner.id), None)
    saw = f"{len(cases)} complaints about {SUBJECT}" + (f"; {_where(session, found)}" if found else "")
    return Step("A first complaint", found is not None, saw, f"one about {SUBJECT} that went to {OWNER}")


def _rule(session: Session) -> Step:
    area, post = area_by_code(session, *DISTRICT), post_by_code(session, POST)
    rows = jurisdictions_for(session, [SUBJECT], [area.id] if area else [], now(session))
    own = [row for row in rows if row.subject == SUBJECT]
    saw = "; ".join(f"{_office(session, row.post_id, row.department_id)} {_place(session, row.area_id)}" for row in own)
    done = any(post and area and row.post_id == post.id and row.area_id == area.id for row in own)
    expected = f"the post {POST} in charge of {SUBJECT} in {':'.join(DISTRICT)}"
    return Step("A rule", done, saw or f"nobody is in charge of {SUBJECT} as such", expected)


def _second_case(session: Session, cases: list[Case]) -> Step:
    post = post_by_code(session, POST)
    found = next((case for case in cases if post and case.post_id == post.id), None)
    last = found or (cases[-1] if cases else None)
    saw = _where(session, last) if last else f"no complaint about {SUBJECT}"
    place = "in the middle of the map, in Haneul"
    return Step("The case goes elsewhere", found is not None, saw, f"one {place}, that went to {POST}")


def _text(folder: Path, base: str) -> Step:
    file = folder / CATALOGUE
    wanted = _own_words(file)
    heading = HEADING.search(_fetch(f"{base}/en/complaints/new"))
    shown = html.unescape(re.sub(r"<[^<>]+>", "", heading.group(1))).strip() if heading else "no heading"
    expected = f"the words of {file}" + (f": “{wanted}”" if wanted else f", which has none yet for “{WORDS}”")
    return Step("A text", wanted != "" and shown == wanted, f"the heading “{shown}”", expected)


def _own_words(file: Path) -> str:
    if not file.is_file():
        return ""
    try:
        entry = polib.pofile(str(file), encoding="utf-8").find(WORDS)
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"{file} cannot be read: {error}") from error
    return entry.msgstr if entry and "fuzzy" not in entry.flags else ""


def _where(session: Session, case: Case) -> str:
    return f"{case.reference} is with {_office(session, case.post_id, case.department_id)}"


def _office(session: Session, post_id: int | None, department_id: int | None) -> str:
    post = session.get(Post, post_id) if post_id else None
    department = session.get(Department, department_id) if department_id else None
    return f"the post {post.code}" if post else f"the department {department.code}" if department else "nobody"


def _place(session: Session, area_id: int | None) -> str:
    area = session.get(Area, area_id) if area_id else None
    return f"in {area.layer.code}:{area.code}" if area else "in the whole city"


def _fetch(address: str) -> str:
    """Return a page of the running city; never through a proxy, so that it works without network."""
    if not address.startswith(("http://", "https://")):
        raise BadRequest(f"--url {address}: write an address such as http://localhost:8000")
    try:
        with build_opener(ProxyHandler({})).open(address, timeout=SECONDS) as answer:
            body: bytes = answer.read()
    except (URLError, OSError) as error:
        raise Unreachable(f"{address} does not answer ({error}): start the city, or give --url") from error
    return body.decode("utf-8")


def _line(number: int, step: Step) -> str:
    mark = "done " if step.done else "to do"
    wanted = "" if step.done else f"\n        expected: {step.expected}"
    return f"{mark} {number}. {step.title}\n        saw: {step.saw}{wanted}"


LABS: dict[str, Callable[[CityContext, str], Iterator[Step]]] = {"1": first_lab}
__all__ = ["lab"]
