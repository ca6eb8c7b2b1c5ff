"""The demo city's folder: settings, secret, and the mark that tells it from a real city."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from egovframe.config import CONFIG_NAME, DEMO_MARKER
from egovframe.demo.geometry import CENTRE
from egovframe.errors import SettingsError

SETTINGS = """\
# The demo city of Saebit. Everything in it is invented; its accounts are public knowledge.
environment = "development"
secret_key = {{ "$file" = "secret.key" }}

[city]
name = {{ en = "Saebit", ko = "새빛시", ar = "سيبيت" }}
timezone = "Asia/Seoul"
languages = ["en", "ko", "ar"]
default_language = "en"
latitude = {latitude}
longitude = {longitude}
zoom = 12
phone = "120"
email = "hello@demo.example"

[mail]
adapter = "file"                                  # messages lie in data/outbox
sender = "noreply@demo.example"

[log]
style = "console"
level = "warning"

[plugin.civic_participation]
filings_per_hour = 5000                           # a whole classroom behind one address
confirmed_categories = ["food-hygiene"]           # who accuses a kitchen can be asked back
"""


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """A folder that is a demo city, or will become one.

    Args:
        folder: absolute path of the city folder.
    """

    folder: Path

    @property
    def data(self) -> Path:
        """Where the database and files lie."""
        return self.folder / "data"

    @property
    def marker(self) -> Path:
        """The file that marks the data as a demo; it lists what has been filled in."""
        return self.data / DEMO_MARKER

    def make(self) -> None:
        """Write what is missing of the folder; the mark comes first.

        Raises:
            SettingsError: a city that is no demo lies there.
        """
        self._refuse_others()
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.marker.exists():
            self.note([])
        secret = self.folder / "secret.key"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_urlsafe(48) + "\n", encoding="utf-8")
        settings = self.folder / CONFIG_NAME
        if not settings.exists():
            text = SETTINGS.format(latitude=CENTRE[0], longitude=CENTRE[1])
            settings.write_text(text, encoding="utf-8")

    def remove(self) -> None:
        """Delete the data of a demo city; settings and what the city's own folders hold stay.

        Raises:
            SettingsError: a city that is no demo lies there.
        """
        self._refuse_others()
        if not self.data.exists():
            return
        self.note([])
        for entry in self.data.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry != self.marker:
                entry.unlink()

    def done(self) -> list[str]:
        """Return what has been filled in."""
        try:
            listed = json.loads(self.marker.read_text(encoding="utf-8"))["filled"]
        except (OSError, ValueError, KeyError, TypeError):
            return []
        return [str(name) for name in listed] if isinstance(listed, list) else []

    def note(self, filled: list[str]) -> None:
        """Write down what has been filled in."""
        self.marker.write_text(json.dumps({"filled": filled}) + "\n", encoding="utf-8")

    def _refuse_others(self) -> None:
        is_city = (self.folder / CONFIG_NAME).exists() or (self.data.exists() and any(self.data.iterdir()))
        if is_city and not self.marker.exists():
            raise SettingsError(
                f"{self.folder} is a city of its own, not a demo:", ["name another folder with --data, or remove it"]
            )


__all__ = ["DemoFolder"]
