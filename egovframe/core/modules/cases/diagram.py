"""A case type drawn: an SVG made on the server, and the table that says the same in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from egovframe.core.i18n import gettext
from egovframe.core.modules.cases.definition import Definition

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 190, 48, 90, 34, 16


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """One line of the table: an action from states to a state, who takes it, what it asks for."""

    action: str
    sources: str
    target: str
    by: str
    permission: str
    asks: str


def transition_table(definition: Definition) -> list[TransitionRow]:
    """Return every action in words, in the current language."""
    parties = {"staff": gettext("official"), "reporter": gettext("reporter"), "system": gettext("by itself")}
    rows = []
    for move in definition.transitions:
        asks = [gettext(asked.title) for asked in move.fields if asked.required]
        if move.text == "required":
            asks.insert(0, gettext(move.text_title) if move.text_title else gettext("Text"))
        rows.append(
            TransitionRow(
                action=gettext(move.title),
                sources=", ".join(gettext(definition.title_of(source)) for source in move.sources),
                target=gettext(definition.title_of(move.target)) if move.target else "",
                by=", ".join(parties[party] for party in move.by),
                permission=move.permission if "staff" in move.by else "",
                asks=", ".join(asks),
            )
        )
    return rows


def diagram(definition: Definition) -> Markup:
    """Return the states and moves as SVG: columns by distance from the start; shapes tell the kinds apart.

    The picture is an illustration: everything it shows is in ``transition_table`` too.
    """
    places = _places(definition)
    width = max(x for x, _y in places.values()) + WIDTH + MARGIN
    height = max(y for _x, y in places.values()) + HEIGHT + MARGIN
    body = Markup().join([*_arrows(definition, places), *_boxes(definition, places)])
    title = gettext("States of “%(title)s”", title=gettext(definition.title))
    return Markup(
        '<svg class="case-diagram" viewBox="0 0 {w} {h}" role="img" aria-label="{title}" '
        'xmlns="http://www.w3.org/2000/svg"><defs><marker id="case-arrow" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="currentColor"/>'
        "</marker></defs>{body}</svg>"
    ).format(w=width, h=height, title=title, body=body)


def _places(definition: Definition) -> dict[str, tuple[int, int]]:
    columns = [[definition.start]]
    placed = {definition.start}
    while True:
        following = [
            move.target
            for state in columns[-1]
            for move in definition.from_state(state)
            if move.target and move.target not in placed
        ]
        fresh = list(dict.fromkeys(following))
        if not fresh:
            break
        placed |= set(fresh)
        columns.append(fresh)
    rest = [state for state in definition.states if state not in placed]
    columns[0] += rest
    return {
        state: (MARGIN + column * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y))
        for column, states in enumerate(columns)
        for row, state in enumerate(states)
    }


def _arrows(definition: Definition, places: dict[str, tuple[int, int]]) -> Iterable[Markup]:
    pairs = dict.fromkeys(
        (source, move.target)
        for move in definition.transitions
        for source in move.sources
        if move.target and move.target != source
    )
    for source, target in pairs:
        if target is None:
            continue
        (x1, y1), (x2, y2) = places[source], places[target]
        start, end = (x1 + WIDTH, x2) if x2 > x1 else (x1, x2 + WIDTH) if x2 < x1 else (x1 + WIDTH, x2 + WIDTH)
        bend = max(30, abs(end - start) // 2) * (1 if x2 >= x1 else -1)
        back = -bend if x2 != x1 else bend
        yield Markup(
            '<path d="M{x1} {y1}C{c1} {y1} {c2} {y2} {x2} {y2}" fill="none" stroke="currentColor" '
            'stroke-opacity=".45" marker-end="url(#case-arrow)"/>'
        ).format(x1=start, y1=y1 + HEIGHT // 2, c1=start + bend, c2=end + back, x2=end, y2=y2 + HEIGHT // 2)


def _boxes(definition: Definition, places: dict[str, tuple[int, int]]) -> Iterable[Markup]:
    for code, (x, y) in places.items():
        state = definition.states[code]
        corner = {"open": 8, "waiting": HEIGHT // 2, "terminal": 0}[state.kind]
        dash = Markup(' stroke-dasharray="5 4"') if state.kind == "waiting" else ""
        weight = 3 if state.kind == "terminal" else 1.5
        yield Markup(
            '<g class="case-state case-state-{kind}"><rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" '
            'fill="Canvas" stroke="currentColor" stroke-width="{weight}"{dash}/><text x="{tx}" y="{ty}" '
            'text-anchor="middle" font-size="15" fill="CanvasText">{title}</text></g>'
        ).format(
            kind=state.kind,
            x=x,
            y=y,
            w=WIDTH,
            h=HEIGHT,
            r=corner,
            weight=weight,
            dash=dash,
            tx=x + WIDTH // 2,
            ty=y + HEIGHT // 2 + 5,
            title=gettext(state.title),
        )
