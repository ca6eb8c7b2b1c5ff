"""Departments, posts, officials and accounts of the demo city. Every name is invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from egovframe.demo.geometry import DISTRICTS

PASSWORD = "demo-city-2026"  # noqa: S105 - public on purpose; production refuses a folder that is marked as a demo
DOMAIN = "demo.example"
BY_DISTRICT = ("roads", "waste")
"""Departments with a post in every district; the others have one for the whole city."""

IN_OFFICE = timedelta(days=3 * 365)
Names = dict[str, str]


@dataclass(frozen=True, slots=True)
class DemoDepartment:
    """A department, by language, and what follows its name in the title of a district's post."""

    code: str
    name: Names
    phone: str


DEPARTMENTS = (
    DemoDepartment("roads", {"en": "Roads", "ko": "도로과", "ar": "الطرق"}, "120-1"),
    DemoDepartment("water", {"en": "Water and drains", "ko": "물관리과", "ar": "المياه والصرف"}, "120-2"),
    DemoDepartment("waste", {"en": "Waste and cleaning", "ko": "청소과", "ar": "النظافة"}, "120-3"),
    DemoDepartment("parks", {"en": "Parks and trees", "ko": "공원녹지과", "ar": "الحدائق"}, "120-4"),
    DemoDepartment("traffic", {"en": "Traffic and parking", "ko": "교통과", "ar": "المرور"}, "120-5"),
    DemoDepartment("environment", {"en": "Environment", "ko": "환경과", "ar": "البيئة"}, "120-6"),
    DemoDepartment("buildings", {"en": "Buildings", "ko": "건축과", "ar": "المباني"}, "120-7"),
    DemoDepartment("health", {"en": "Health", "ko": "보건과", "ar": "الصحة"}, "120-8"),
    DemoDepartment("welfare", {"en": "Social services", "ko": "복지과", "ar": "الخدمات الاجتماعية"}, "120-9"),
    DemoDepartment("citizens", {"en": "Citizen services", "ko": "민원과", "ar": "خدمات المواطنين"}, "120"),
)

OFFICIALS = (
    "R. Okoye", "S. Lindqvist", "Han Ji-woo", "M. Alvarez", "Layla Haddad", "T. Nakamura", "P. Moreau", "Seo Ha-eun",
    "D. Kowalski", "Amina Yusuf", "J. Pereira", "Baek Do-yun", "E. Novak", "Omar Saleh", "K. Thapa", "Yoon Seo-jin",
    "L. Ferrari", "Nadia Rahman", "G. Petrov", "Moon Chae-won", "A. Mensah", "Farid Aziz", "I. Silva", "Kang Min-jae",
    "H. Schneider", "Salma Nour", "B. Nguyen", "Oh Yeon-su", "C. Dubois", "Karim Mansour", "V. Rossi", "Jang Hye-rin",
    "O. Hansen", "Huda Qasim", "N. Patel", "Bae Si-u", "U. Popescu", "Tariq Amin", "W. Garcia", "Ryu Da-in",
    "Q. Martin", "Reem Fares", "X. Costa", "Shin Ye-jun", "Z. Horvat", "Samir Diab",
)  # fmt: skip

FIXED = {"roads.haneul": "officer", "waste.bada": "officer2", "roads.head": "manager"}
"""Posts of the accounts that everybody may use (docs: demo accounts)."""

HOLDERS_AWAY = "roads.deul"
"""This post's holder is on leave; the post of the first district stands in."""


def organisation(now: datetime) -> dict[str, Any]:
    """Return the demo organisation in the form of ``egovframe organisation import`` (JSON)."""
    return {
        "departments": [
            {"code": d.code, "name": d.name, "phone": d.phone, "email": f"{d.code}@{DOMAIN}"} for d in DEPARTMENTS
        ],
        "posts": list(_posts()),
        "officials": list(_seats(now)),
        "absences": [
            {
                "post": HOLDERS_AWAY,
                "from": (now - timedelta(days=3)).isoformat(),
                "until": (now + timedelta(days=11)).isoformat(),
                "substitute": "roads.haneul",
            }
        ],
        "jurisdictions": [],
    }


def post_codes(department: str) -> list[tuple[str, str | None]]:
    """Return (post code, district code or None) of the posts that work for a department, its head left out."""
    if department in BY_DISTRICT:
        return [(f"{department}.{district.code}", district.code) for district in DISTRICTS]
    return [(f"{department}.desk", None)]


def _posts() -> Iterator[dict[str, Any]]:
    for department in DEPARTMENTS:
        head = f"{department.code}.head"
        yield {"code": head, "department": department.code, "title": _title(department, _HEAD)}
        for code, district in post_codes(department.code):
            place = next((d for d in DISTRICTS if d.code == district), None)
            where = {"en": place.en, "ko": place.ko, "ar": place.ar} if place else _DESK
            yield {
                "code": code,
                "department": department.code,
                "title": _title(department, where),
                "reports_to": head,
            }


_HEAD = {"en": "head of department", "ko": "과장", "ar": "رئيس القسم"}
_DESK = {"en": "duty officer", "ko": "담당자", "ar": "الموظف المناوب"}


def _title(department: DemoDepartment, suffix: Names) -> Names:
    joints = {"en": ", ", "ko": " ", "ar": "، "}
    return {language: f"{department.name[language]}{joints[language]}{suffix[language]}" for language in joints}


def _officials() -> Iterator[dict[str, Any]]:
    names = iter(OFFICIALS)
    for post in _posts():
        code = post["code"]
        local = FIXED.get(code, code.replace(".", "-"))
        role = "department_head" if code.endswith(".head") else "officer"
        yield {"post": code, "email": f"{local}@{DOMAIN}", "name": next(names), "role": role}


def _seats(now: datetime) -> Iterator[dict[str, Any]]:
    # Seated before the oldest complaint, so that every step of the past has somebody who took it.
    since = (now - IN_OFFICE).isoformat()
    return ({**official, "from": since} for official in _officials())


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account that everybody may use to look around."""

    local: str
    name: str
    kind: str
    role: str | None
    what: str
    """What it is for, in English, for the command line."""
    assurance: str = "contact_verified"

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.local}@{DOMAIN}"


ACCOUNTS = (
    DemoAccount("citizen", "Min Seo-yeon", "citizen", "citizen", "a resident of Haneul", "resident_verified"),
    DemoAccount(
        "neighbour", "Yusuf Rahimi", "citizen", "citizen", "a resident of another district", "resident_verified"
    ),
    DemoAccount("visitor", "Vera Lind", "citizen", "citizen", "registered, not verified", "registered"),
    DemoAccount("officer", "", "staff", None, "official for roads in Haneul"),
    DemoAccount("officer2", "", "staff", None, "official for waste in Bada"),
    DemoAccount("manager", "", "staff", None, "head of the roads department"),
    DemoAccount("agent", "Aram Choi", "staff", "agent", "call centre"),
    DemoAccount("moderator", "Dana Weiss", "staff", "moderator", "moderator"),
    DemoAccount("data", "Ibrahim Toure", "staff", "steward", "open-data steward"),
    DemoAccount("votes", "Lucia Romero", "staff", "vote_organiser", "vote organiser"),
    DemoAccount("auditor", "Chidi Eze", "staff", "auditor", "reads the audit, changes nothing"),
    DemoAccount("admin", "Jo Berg", "staff", "administrator", "administrator"),
)
"""Those without a name or role got both with their post."""


def accounts() -> list[DemoAccount]:
    """Return the accounts that everybody may use, those of officials with the official's name."""
    names = {official["email"]: official["name"] for official in _officials()}
    return [replace(account, name=account.name or names[account.email]) for account in ACCOUNTS]


def staff() -> list[DemoAccount]:
    """Return the accounts of all other officials; they share the password, so that every desk can be looked at."""
    known = {account.email for account in ACCOUNTS}
    return [
        DemoAccount(official["email"].partition("@")[0], official["name"], "staff", None, official["post"])
        for official in _officials()
        if official["email"] not in known
    ]
