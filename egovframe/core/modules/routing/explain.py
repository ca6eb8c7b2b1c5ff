"""The explanation of a decision in a person's own words and language; names of people are for colleagues only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from egovframe.core.i18n import N_, Translated, current_language, format_date, format_number, gettext, use_language
from egovframe.core.modules.routing.values import Step

Audience = Literal["citizen", "staff"]

SENTENCES = {
    "jurisdiction": N_("Matters of “%(subject)s” in %(area)s belong to %(office)s (valid from %(since)s)."),
    "jurisdiction_undated": N_("Matters of “%(subject)s” in %(area)s belong to %(office)s."),
    "rule": N_("The rule “%(rule)s” sends this to %(office)s."),
    "parent_area": N_("%(area)s includes the place, and there “%(subject)s” belongs to %(office)s."),
    "city_wide": N_("“%(subject)s” belongs to %(office)s in the whole city."),
    "default_department": N_("No closer rule applies, so %(office)s, which looks after “%(subject)s”, takes it."),
    "triage": N_("No office is set down for this, so somebody at the city will find the right one."),
    "assigned": N_("%(office)s was chosen by a person."),
    "skipped_vacant": N_("%(office)s was passed over: nobody holds this post at the moment and nobody stands in."),
    "skipped_closed": N_("%(office)s was passed over: the office no longer exists."),
    "border_chosen": N_(
        "%(area)s, as the reporter said: the place lies %(metres)s m from the border with %(other)s "
        "(the map says %(other)s)."
    ),
    "border_confirmed": N_(
        "%(area)s, as the map and the reporter say: the place lies %(metres)s m from the border with %(other)s."
    ),
    "border_outside": N_("%(area)s is the nearest: the place lies %(metres)s m outside of the city's border."),
    "no_place": N_("No area of the city is known for this place."),
}
STAFF_SENTENCES = {
    "holder": N_("%(person)s holds the post."),
    "absence": N_("%(person)s is on leave until %(until)s: %(substitute)s stands in."),
}
CITIZEN_SENTENCES = {
    "absence": N_("The official in charge is on leave until %(until)s: %(substitute_post)s stands in."),
}


def explain(
    steps: Iterable[Step | Mapping[str, Any]], language: str | None = None, audience: Audience = "citizen"
) -> list[str]:
    """Return the sentences of an explanation.

    Args:
        steps: of a decision, or as a case keeps them.
        language: the reader's; the language of the moment when None.
        audience: ``staff`` reads the names of officials, a citizen the titles of their posts.
    """
    known = {**SENTENCES, **(STAFF_SENTENCES if audience == "staff" else CITIZEN_SENTENCES)}
    said = [
        (known[code], params)
        for code, params in map(_parts, steps)
        if code in known and (audience == "staff" or not code.startswith("skipped"))
    ]
    with use_language(language or current_language()) as spoken:
        return [gettext(sentence, **_words(params, spoken)) for sentence, params in said]


def _parts(step: Step | Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    return (step.code, step.params) if isinstance(step, Step) else (step["code"], step["params"])


def _words(params: Mapping[str, Any], language: str) -> dict[str, str]:
    return {name: _word(name, value, language) for name, value in params.items() if not name.endswith("_id")}


def _word(name: str, value: Any, language: str) -> str:
    if isinstance(value, Mapping):
        value = Translated.from_json(value)
    if isinstance(value, Translated):
        return value.pick(language).text
    if name in {"since", "until"} and isinstance(value, str):
        return str(format_date(date.fromisoformat(value)))
    return format_number(value) if name == "metres" else str(value)
