"""Hostile texts stay texts: every page, every refused form and the download, read by a parser instead of a browser.

What ``test_scripts`` sees run in Chromium, a parser sees stand in the document; it is quicker, so that it can read all
pages in all languages, and the answers to forms. People's texts that turn the direction must stand isolated besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import pytest
from baseline.hostile_town import LONG, RUN, SHORT
from baseline.inputs import schemas_of
from baseline.routes import Route, routes
from baseline.samples import address
from baseline.town import Town, Visitor
from marshmallow import Schema, fields

from egovframe.lazy import LazyText
from egovframe.testing.visits import submit, token_of

READERS = (("anonymous", "en"), ("citizen", "ar"), ("officer", "ko"), ("auditor", "ar"), ("administrator", "en"))
TURN = "\u202e"
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
ALONE = frozenset({"title", "option", "script", "style"})
"""Elements that hold text and nothing else, shown in a box of their own by the browser."""


class Reader(HTMLParser):
    """Collects what a hostile text has made of a document."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.seen = 0
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note our own element, and links and handlers that would run."""
        given = dict(attrs)
        if "data-xss" in given:
            self.wrong.append(f"our element <{tag}> is in the document")
        self.wrong += [f"a handler {name}" for name in given if name.startswith("on")]
        for name in ("href", "src", "action", "formaction"):
            if (given.get(name) or "").strip().lower().startswith(("javascript:", "data:text")):
                self.wrong.append(f"{tag} {name}={given[name]!r}")
        if tag not in VOID:
            isolated = tag == "bdi" or tag in ALONE or (given.get("dir") in {"auto", "ltr", "rtl"} and tag != "html")
            self._open.append((tag, isolated))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element of the name."""
        for number in range(len(self._open) - 1, -1, -1):
            if self._open[number][0] == tag:
                del self._open[number:]
                return

    def handle_data(self, data: str) -> None:
        """Note text that turns the direction of what stands around it, and scripts of ours."""
        self.seen += SHORT in data
        if TURN in data and not any(isolated for _tag, isolated in self._open):
            self.wrong.append(f"turns its surroundings: {' '.join(tag for tag, _ in self._open[-4:])}")
        if self._open and self._open[-1][0] == "script" and "window.xss" in data:
            self.wrong.append("our text is in a script")


def read(text: str) -> Reader:
    """Return what a document has become."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    if RUN in text:
        reader.wrong.append("the template ran it")
    return reader


def crawl(town: Town, only: str = "") -> Iterator[tuple[str, Reader]]:
    """Read every page as every reader."""
    for name, lang in READERS:
        for route in routes(town.app):
            if route.method == "GET" and route.is_page and route.endpoint.startswith(only):
                answer = town.ask(town.visitors[name], "GET", address(town, route, lang=lang))
                if answer.mimetype == "text/html":
                    yield f"{route} as {name}", read(answer.text)


def broken(found: Iterator[tuple[str, Reader]]) -> set[str]:
    """Return what is wrong, one line a page and fault."""
    return {f"{label}: {wrong}" for label, reader in found for wrong in reader.wrong}


def test_hostile_texts_stay_texts_on_every_page(planted: Town) -> None:
    pages = list(crawl(planted))
    assert sorted(broken(iter(pages))) == []
    assert sum(reader.seen > 5 for _label, reader in pages) > 150, "the texts are planted where nobody sees them"


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (f"<p>{LONG}</p>", "our element"),
        (f'<input value="{SHORT}">', "our element"),
        (f"<textarea>{LONG}</textarea>", "our element"),
        ("<a href='javascript:alert(1)'>x</a>", "javascript:"),
        ("<p onclick=x>x</p>", "a handler"),
        (f"<p dir=ltr>x</p><p>a {TURN} b</p>", "turns its surroundings"),
        ("<p>62615533</p>", "ran it"),
        ("<script>window.xss</script>", "in a script"),
    ],
)
def test_a_text_that_breaks_out_is_seen(document: str, fault: str) -> None:
    assert any(fault in wrong for wrong in read(document).wrong)
    assert read(f"<p><bdi>{TURN}</bdi></p><p dir=auto><b>{TURN}</b></p>").wrong == []


@contextmanager
def unescaped(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Show pages without escaping, compiled apart from those that all towns share."""
    environment = town.app.jinja_env
    monkeypatch.setattr(environment, "bytecode_cache", None)
    kept = environment.autoescape
    environment.autoescape = False
    environment.cache.clear()  # type: ignore[union-attr]
    try:
        yield
    finally:
        environment.autoescape = kept
        environment.cache.clear()  # type: ignore[union-attr]


def test_a_page_that_forgets_to_escape_is_reported(planted: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with unescaped(planted, monkeypatch):
        found = broken(crawl(planted, only="admin_audit.entry"))
    assert any("our element" in line for line in found)


def test_a_lazy_text_that_is_trusted_is_reported(planted: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: Flask-Babel's lazy texts call themselves markup, with whatever was filled in."""
    monkeypatch.setattr(LazyText, "__html__", LazyText.__str__)
    assert any("our element" in line for line in broken(crawl(planted, only="core.home")))


def test_translations_become_no_elements_but_those_of_their_message(planted: Town) -> None:
    with planted.app.test_request_context("/en/"):
        environment = planted.app.jinja_env
        shown = environment.from_string("{{ _('<strong>%(office)s</strong> has it now.', office=name) }}")
        assert (
            shown.render(name="<b>") == "&lt;strong&gt;&lt;b&gt;&lt;/strong&gt; has it now. &#34;&gt;&lt;b data-xss&gt;"
        )
        plain = environment.from_string("{{ _('<strong>%(office)s</strong> nobody translates.', office=name) }}")
        assert plain.render(name="<b>") == "<strong>&lt;b&gt;</strong> nobody translates."


def test_the_download_of_ones_own_data_holds_texts_only(planted: Town) -> None:
    citizen = planted.once_more("citizen")
    assert citizen.client is not None
    submit(citizen.client, "/en/account/", display_name=LONG[:200], language="en")
    data = {"format": "html", "csrf_token": token_of(citizen.client, "/ar/account/my-data")}
    answer = planted.ask(citizen, "POST", "/ar/account/my-data/download", data=data)
    assert answer.status_code == 200
    reader = read(answer.text)
    assert reader.seen > 0
    assert reader.wrong == []


def values_of(schema: Schema) -> dict[str, str | list[str]]:
    """Return the polyglot for every field; lists of texts hold one."""
    return {
        field.data_key or name: [LONG] if isinstance(field, fields.List) else LONG
        for name, field in schema.load_fields.items()
    }


def echoes(town: Town, only: str = "") -> Iterator[tuple[str, Reader]]:
    """Send the polyglot in every field of every form, as somebody who may, and read the page that answers."""
    for route in routes(town.app):
        if route.is_safe or not route.is_page or not route.endpoint.startswith(only):
            continue
        for schema in schemas_of(town.app, route):
            visitor = town.once_more(_who(route))
            assert visitor.client is not None
            data = {**values_of(schema), "csrf_token": token_of(visitor.client, "/en/account/password")}
            answer = _asked(town, visitor, route, data)
            if answer is not None:
                yield f"{route} {type(schema).__name__}", answer


def _who(route: Route) -> str:
    return "administrator" if route.guard is not None and route.guard.rule == "permission" else "citizen"


def _asked(town: Town, visitor: Visitor, route: Route, data: dict[str, str | list[str]]) -> Reader | None:
    answer = town.ask(visitor, route.method, address(town, route), data=data)
    assert answer.status_code < 500, route
    return read(answer.text) if answer.mimetype == "text/html" else None


def test_a_refused_form_shows_what_was_typed_as_text(planted: Town) -> None:
    found = list(echoes(planted))
    assert sorted(broken(iter(found))) == []
    assert len(found) > 40


def test_a_refused_form_that_forgets_to_escape_is_reported(planted: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with unescaped(planted, monkeypatch):
        assert broken(echoes(planted, only="account.save_profile"))
