"""Ways out: a real SMTP conversation, a folder, the console; headers that nobody can extend."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovframe.config import Settings
from egovframe.config_sections import MailSettings
from egovframe.core.modules.notifications import FileTransport, Refused, Rendered
from egovframe.core.modules.notifications.composing import address, compose
from egovframe.core.modules.notifications.rendering import linked, one_line
from egovframe.core.modules.notifications.transports import (
    NOT_TAKEN,
    ConsoleTransport,
    SmtpTransport,
    open_transport,
)


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is sent, or answers as it is told."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters: list[tuple[str, list[str], bytes]] = []
        self.answers: dict[str, str] = {}
        self.silent_after_data = False

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Conversation(socketserver.StreamRequestHandler):
    """RFC 5321, as little of it as smtplib speaks."""

    server: Sink

    def handle(self) -> None:
        self.say("220 sink")
        sender, to = "", []
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words.split(" ")[0].split(":")[0].upper()
            if verb in self.server.answers:
                self.say(self.server.answers[verb])
            elif verb == "MAIL":
                sender = words.split("<")[1].split(">")[0]
                self.say("250 ok")
            elif verb == "RCPT":
                to.append(words.split("<")[1].split(">")[0])
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                self.server.letters.append((sender, to, self.body()))
                if self.server.silent_after_data:
                    return
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def letter(**changes: Any) -> EmailMessage:
    values: dict[str, Any] = {
        "sender": "portal@saebit.example",
        "sender_name": "Saebit 새빛시",
        "to": "kim@example.org",
        "to_name": 'Kim "Minji"',
        "message_id": "ab12",
        "public_url": "https://saebit.example:8443/x",
        "at": datetime(2026, 11, 21, tzinfo=UTC),
        **changes,
    }
    return compose(Rendered("새 소식 – news", "Hello,\n\n.dot\nbye\n", "", "ko"), "<p>Hello</p>", **values)


def transport(sink: Sink) -> SmtpTransport:
    return SmtpTransport(MailSettings(adapter="smtp", host="127.0.0.1", port=sink.port), timeout=5)


def test_a_message_arrives_whole_over_smtp(sink: Sink) -> None:
    transport(sink).send(letter())
    ((sender, to, body),) = sink.letters
    assert (sender, to) == ("portal@saebit.example", ["kim@example.org"])
    read = email.message_from_bytes(body, policy=policy.SMTP)
    assert read["Subject"] == "새 소식 – news"
    assert read["From"].addresses[0].display_name == "Saebit 새빛시"
    assert read["Message-ID"] == "<ab12@saebit.example>"
    assert read["Content-Language"] == "ko"
    plain, page = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content() == "Hello,\r\n\r\n.dot\r\nbye\r\n"
    assert "<p>Hello</p>" in page.get_content()


def test_a_recipient_refused_for_good_is_refused(sink: Sink) -> None:
    sink.answers["RCPT"] = "550 nobody here"
    with pytest.raises(Refused):
        transport(sink).send(letter())


def test_a_rude_farewell_does_not_send_the_message_twice(sink: Sink) -> None:
    sink.answers["QUIT"] = "500 what?"
    transport(sink).send(letter())
    assert len(sink.letters) == 1


@pytest.mark.parametrize(("verb", "answer"), [("RCPT", "450 later"), ("DATA", "451 later"), ("MAIL", "421 busy")])
def test_a_server_that_says_later_has_certainly_not_taken_it(sink: Sink, verb: str, answer: str) -> None:
    sink.answers[verb] = answer
    with pytest.raises(NOT_TAKEN):
        transport(sink).send(letter())


def test_a_server_that_goes_silent_after_the_message_leaves_a_doubt(sink: Sink) -> None:
    sink.silent_after_data = True
    with pytest.raises(OSError) as fault:
        transport(sink).send(letter())
    assert not isinstance(fault.value, NOT_TAKEN)
    assert len(sink.letters) == 1


def test_credentials_are_never_sent_where_nobody_listens_for_tls(sink: Sink) -> None:
    secure = MailSettings(
        adapter="smtp", host="127.0.0.1", port=sink.port, username="u", password="secret", security="starttls"
    )
    with pytest.raises(Exception, match="STARTTLS"):
        SmtpTransport(secure, timeout=5).send(letter())
    assert sink.letters == []


def test_a_folder_keeps_one_file_a_message_however_often_it_is_sent(tmp_path: Path) -> None:
    folder = FileTransport(tmp_path / "outbox")
    folder.send(letter())
    folder.send(letter())
    folder.send(letter(message_id="cd34"))
    assert sorted(file.name for file in folder.folder.iterdir()) == ["ab12.eml", "cd34.eml"]


def test_the_console_shows_text_and_address(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleTransport().send(letter())
    shown = capsys.readouterr().out
    assert "kim@example.org" in shown
    assert "Hello," in shown


@pytest.mark.parametrize(
    ("environment", "demo", "kind"),
    [("production", False, SmtpTransport), ("production", True, FileTransport), ("test", False, FileTransport)],
)
def test_a_demo_and_a_test_city_never_send(tmp_path: Path, environment: Any, demo: bool, kind: type) -> None:
    settings = Settings(
        folder=tmp_path, data_dir=tmp_path, environment=environment, demo=demo, mail=MailSettings(adapter="smtp")
    )
    assert isinstance(open_transport(settings), kind)


@pytest.mark.parametrize(
    "bad",
    ["a@b.org\r\nBcc: e@x.org", "a@b.org\nX: y", "a b@c.org", "a@b@c.org", "no-at", "@x.org", "a@", "a@\x00.org", ""],
)
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(Refused):
        address(bad, "Kim")


def test_a_domain_in_any_script_is_written_in_ascii() -> None:
    assert address("kim@bücher.example", "").addr_spec == "kim@xn--bcher-kva.example"


@given(st.text(max_size=300))
def test_no_text_makes_a_second_header_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    message = letter(to_name=text)
    raw = message.as_bytes(policy=policy.SMTP).split(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    names = [line.split(b":")[0].lower() for line in raw.split(b"\r\n")]
    expected = "from to subject date message-id auto-submitted mime-version content-type content-language"
    assert sorted(names) == sorted(expected.encode().split())


@given(st.text(alphabet="<>&\"' \n.ahtps:/x", max_size=80))
def test_text_never_becomes_markup(text: str) -> None:
    shown = str(linked(text)).replace("<br>", "")
    for found in shown.split("<a href=")[1:]:
        assert found.startswith('"http')
    assert shown.count("<") == 2 * shown.count("<a href=")
