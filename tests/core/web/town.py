"""An invented plugin for tests of the web room: menus, tiles, sections, a form, an API, and doors that fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, request
from marshmallow import Schema, fields

from egovframe.core.auth import public, requires, signed_in
from egovframe.core.web import (
    ApiBlueprint,
    caller,
    form,
    go,
    idempotent,
    language,
    limit,
    load,
    notice,
    render,
    require_version,
    tagged,
    writing,
)
from egovframe.core.web.models import RateCount
from egovframe.errors import Conflict, Invalid, Unavailable
from egovframe.fields import Boolean, Choice, Date, Email, Integer, LongText, Password, Phone, StrictSchema, Text
from egovframe.hooks import NavItem, SearchHit, Section, Tile, hookimpl

MENU = {
    "en": ("Report", "Proposals", "Votes", "Data", "Notices"),
    "ko": ("민원", "제안", "투표", "데이터", "소식"),
    "ar": ("بلاغات", "مقترحات", "تصويت", "بيانات", "أخبار"),
}
TILES = {
    "en": (
        ("Report a problem", "Street, water, waste, noise"),
        ("Ask the city", "A question or an opinion"),
        ("Propose an idea", "5 supporters start a review"),
        ("Vote", "2 votes are open to you"),
        ("Find data", "214 datasets, open APIs"),
    ),
    "ko": (
        ("민원 신고", "도로, 상하수도, 쓰레기, 소음"),
        ("시에 묻기", "질문이나 의견을 보내세요"),
        ("제안하기", "5명이 공감하면 검토를 시작해요"),
        ("투표하기", "참여할 수 있는 투표 2건"),
        ("데이터 찾기", "데이터셋 214개와 공개 API"),
    ),
    "ar": (
        ("الإبلاغ عن مشكلة", "الشوارع والمياه والنفايات والضوضاء"),
        ("اسأل المدينة", "سؤال أو رأي"),
        ("اقترح فكرة", "خمسة مؤيدين يبدؤون المراجعة"),
        ("صوّت", "تصويتان متاحان لك"),
        ("ابحث عن البيانات", "214 مجموعة بيانات وواجهات مفتوحة"),
    ),
}
SECTIONS = {
    "en": (
        ("Votes closing soon", (("What should the old market hall become?", "Closes Friday 27 November, 18:00"),)),
        ("Ideas near their threshold", (("Shade trees for the bus stops on Harbour Road", "4 of 5 supporters"),)),
        ("Fixed near you this week", (("Broken street light, Lotus Lane 12", "in 19 hours · Roads, Haneul district"),)),
    ),
    "ko": (
        ("곧 끝나는 투표", (("옛 시장 건물을 무엇으로 바꿀까요?", "11월 27일 금요일 오후 6시에 마감해요"),)),
        ("곧 검토할 제안", (("항구로 버스 정류장에 그늘나무를 심어요", "5명 중 4명 공감"),)),
        ("이번 주에 해결했어요", (("연꽃길 12 가로등 고장", "19시간 만에 · 하늘구 도로과"),)),
    ),
    "ar": (
        ("تصويتات تنتهي قريبًا", (("ماذا يجب أن يصبح مبنى السوق القديم؟", "يُغلق الجمعة 27 نوفمبر الساعة 18:00"),)),
        ("أفكار قاربت حدّها", (("أشجار ظل لمواقف الحافلات في طريق الميناء", "4 من 5 مؤيدين"),)),
        ("أُصلح بقربك هذا الأسبوع", (("عمود إنارة معطّل، ممر اللوتس 12", "خلال 19 ساعة · الطرق، حي السماء"),)),
    ),
}
ICONS = ("triangle-alert", "message-circle", "lightbulb", "vote", "database")
AREAS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        }
        for name, ring in (
            ("Bada", [[126.90, 37.55], [126.95, 37.60], [127.00, 37.56], [126.98, 37.50], [126.92, 37.49]]),
            ("Haneul", [[127.00, 37.56], [126.95, 37.60], [127.08, 37.61], [127.11, 37.55], [127.05, 37.52]]),
            (
                "Deul",
                [[126.98, 37.50], [127.00, 37.56], [127.05, 37.52], [127.11, 37.55], [127.14, 37.48], [127.0, 37.46]],
            ),
        )
    ],
}
MARKERS = [
    {"lat": 37.53, "lon": 126.95, "title": "Street light", "url": "#", "kind": "work", "text": "in work"},
    {"lat": 37.57, "lon": 127.04, "title": "Pothole", "url": "#", "kind": "late", "text": "2 days late"},
    {"lat": 37.50, "lon": 127.06, "title": "Bins", "url": "#", "kind": "done", "text": "fixed"},
    {"lat": 37.49, "lon": 127.10, "title": "Sign", "url": "#", "kind": "wait", "text": "waiting"},
]


class EverythingSchema(StrictSchema):
    """One field of every kind."""

    name = Text(required=True, max_length=80, metadata={"label": "Your name", "autocomplete": "name"})
    email = Email(required=True, metadata={"label": "E-mail", "hint": "We write to you when something happens."})
    phone = Phone(metadata={"label": "Telephone", "autocomplete": "tel"})
    age = Integer(minimum=0, maximum=150, metadata={"label": "Age"})
    day = Date(metadata={"label": "Since when?"})
    story = LongText(
        required=True, metadata={"label": "What happened?", "hint": "A few sentences are enough.", "rows": 4}
    )
    urgency = Choice(
        (("low", "It can wait"), ("high", "Somebody could get hurt")),
        required=True,
        metadata={"label": "How urgent is it?"},
    )
    option = Choice(
        (("a", "Library", "2.1 million · opens 2028"), ("b", "Market", "1.4 million · opens 2027")),
        metadata={"label": "Which one?", "widget": "cards"},
    )
    district = Choice([(f"d{n}", f"District {n}") for n in range(1, 13)], metadata={"label": "District"})
    wants = fields.List(Choice((("mail", "E-mail"), ("sms", "Text message"))), metadata={"label": "How may we answer?"})
    agree = Boolean(metadata={"label": "You may publish my report", "hint": "Never with your name."})
    word = Password(metadata={"label": "Password", "autocomplete": "new-password"})


pages = Blueprint("town", __name__)
api = ApiBlueprint("town-api", __name__, url_prefix="/town", description="Things of the town")


@pages.get("/gallery")
@public
def gallery() -> str:
    """Every macro on one page."""
    at = datetime.now(UTC)
    typed = {"name": '"><script>alert(1)</script>', "story": "</textarea><b>x", "urgency": "high", "option": "a"}
    refused = {"email": ["Enter an e-mail address such as name@example.org."], "story": ["Please fill this in."]}
    return render(
        "gallery/gallery.html",
        f=form(EverythingSchema(), typed, refused),
        clean=form(EverythingSchema(), {}, prefix="clean"),
        areas=AREAS,
        markers=MARKERS,
        at=at,
        late=at - timedelta(days=2),
        soon=at + timedelta(hours=2),
        later=at + timedelta(days=3),
        tiles=TILES[language()],
    )


@pages.get("/desk")
@public
def desk() -> str:
    """The three parts of the desk."""
    at = datetime.now(UTC)
    return render(
        "gallery/desk.html", late=at - timedelta(days=2), soon=at + timedelta(hours=2), later=at + timedelta(days=1)
    )


@pages.get("/areas.geojson")
@public
def areas() -> dict[str, Any]:
    """The town's areas."""
    return AREAS


@pages.route("/write", methods=["GET", "POST"])
@public
def write() -> Any:
    """A form that comes back with what was typed."""
    if request.method == "POST":
        try:
            load(EverythingSchema())
        except Invalid as error:
            return render("gallery/write.html", f=form(EverythingSchema(), request.form, error.errors)), 422
        notice("Thank you. We have it.")
        return go("town.gallery")
    return render("gallery/write.html", f=form(EverythingSchema()))


@pages.get("/secret")
@requires("town:secret:read")
def secret() -> str:
    """Only for those with the right."""
    return "secret"


@pages.get("/mine")
@signed_in
def mine() -> str:
    """Only for those who signed in."""
    return "mine"


@pages.get("/boom")
@public
def boom() -> str:
    """Fail in an unforeseen way."""
    raise ZeroDivisionError("the tracking code is 7XK2-99QP")


@pages.get("/gone")
@public
def gone() -> str:
    """Fail as when the database is gone."""
    raise Unavailable(retry_after=7)


@pages.get("/abort/<int:status>")
@public
def aborted(status: int) -> str:
    """Answer with any status of Werkzeug's."""
    abort(status)


@pages.post("/limited")
@public
def knock() -> str:
    """Let three through in a minute."""
    limit(caller(), "knock", 3, timedelta(minutes=1))
    return "in"


@pages.get("/own")
@public
def own_headers() -> Response:
    """A page with caching and referrer rules of its own."""
    return Response("own", headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


class ThingSchema(Schema):
    """A thing of the town."""

    name = Text(required=True, max_length=20)
    size = Integer()


class FilterSchema(Schema):
    """What a list may be narrowed by."""

    name = Text()


@api.get("/things")
@public
@api.arguments(FilterSchema, location="query")
def things(given: dict[str, Any]) -> Any:
    """List things."""
    return [given]


@api.post("/things")
@public
@idempotent
@api.arguments(ThingSchema)
def make_thing(given: dict[str, Any]) -> Any:
    """Make a thing; each leaves one row."""
    with writing() as session:
        session.add(
            RateCount(bucket=f"thing:{given['name']}:{id(object())}:{datetime.now(UTC)}", expires_at=datetime.now(UTC))
        )
    if given["name"] == "taken":
        raise Conflict
    return tagged(given, 1, 201)


@api.put("/things/<name>")
@public
@api.arguments(ThingSchema)
def change_thing(given: dict[str, Any], name: str) -> Any:
    """Change version 3 into version 4."""
    require_version(3)
    return tagged({**given, "name": name}, 4)


@api.get("/me")
@signed_in
def me() -> Any:
    """Say who asks."""
    return {"who": caller()}


@api.get("/boom")
@public
def api_boom() -> Any:
    """Fail in an unforeseen way."""
    raise ZeroDivisionError


@hookimpl
def blueprints() -> list[Blueprint]:
    """The town's pages."""
    return [pages]


@hookimpl
def api_blueprints() -> list[ApiBlueprint]:
    """The town's API."""
    return [api]


@hookimpl
def navigation() -> list[NavItem]:
    """Five entries, one for those with a right, one that leads nowhere."""
    endpoints = ("town.write", "town.gallery", "town.gallery", "town.gallery", "town.gallery")
    named = zip(MENU[language()], endpoints, strict=True)
    menu = [NavItem("main", label, endpoint, number) for number, (label, endpoint) in enumerate(named)]
    return [
        *menu,
        NavItem("main", "For staff", "town.secret", permission="town:secret:read"),
        NavItem("main", "Nowhere", "town.nowhere"),
        NavItem("footer", "Accessibility", "town.gallery"),
        NavItem("footer", "Privacy", "town.gallery"),
    ]


@hookimpl
def home_tiles() -> list[Tile]:
    """Five doors."""
    named = zip(TILES[language()], ICONS, strict=True)
    return [Tile(title, text, symbol, "town.write", number) for number, ((title, text), symbol) in enumerate(named)]


@hookimpl
def home_sections(language: str) -> list[Section]:
    """Three sections."""
    return [Section(title, "gallery/section.html", {"rows": rows}) for title, rows in SECTIONS[language]]


@hookimpl
def search(text: str, language: str) -> list[SearchHit]:
    """Find "light" only."""
    if text.lower() != "light":
        return []
    return [SearchHit("<i>Street light</i>", f"/{language}/gallery", "Service", "Report a lamp that does not burn.")]


@hookimpl
def status() -> dict[str, Any]:
    """Two counters."""
    return {"things": 3, "mood": "calm"}
