"""A mail is read anywhere: every time in it says in which zone it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import egovframe
from egovframe.actor import SYSTEM
from egovframe.core.auth import create_account, request_recovery
from egovframe.core.modules.jobs import Worker
from egovframe.core.persistence import Database

from .conftest import Mailbox

ROOT = Path(egovframe.__file__).parents[1]
TIME = re.compile(r"\|\s*(?:format_)?(?:datetime|time)\b(?!\(zone=true\))")


@pytest.mark.parametrize(
    ("language", "zone"), [("en", "Korean Standard Time"), ("ko", "대한민국 표준시"), ("ar", "توقيت كوريا الرسمي")]
)
def test_until_when_a_link_works(base: Database, worker: Worker, mailbox: Mailbox, language: str, zone: str) -> None:
    with base.writing() as session:
        create_account(session, SYSTEM, email="lee@example.org", display_name="Lee", language=language)
        request_recovery(session, "lee@example.org")
    worker.run_pending()
    body = mailbox.messages[-1].get_body(("plain",))
    assert body is not None
    assert re.search(rf"\d\d?:\d\d[^\n]*\({zone}\)", str(body.get_content())), body.get_content()


def test_no_template_of_a_mail_gives_a_time_without_its_zone() -> None:
    found = [each for room in ("egovframe", "plugins") for each in (ROOT / room).rglob("notifications/**/*.txt")]
    assert len(found) > 20
    assert [str(each) for each in found if TIME.search(each.read_text(encoding="utf-8"))] == []
    assert TIME.search("{{ facts.until|datetime }}")
    assert TIME.search("{{ facts.until|instant|format_datetime(style='short') }}")
