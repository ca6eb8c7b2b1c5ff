"""The family of a browser: enough to recognise one's own device in a list, too little to follow anybody by it."""

from __future__ import annotations

BROWSERS = (
    ("Edg/", "Edge"),
    ("Whale/", "Whale"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""The first sign found counts: Edge calls itself Chrome and Safari too, Android calls itself Linux."""


def family(user_agent: str) -> str:
    """Return "Firefox, Linux" for a User-Agent header; an empty text for one that says nothing."""
    text = user_agent[:500]
    return ", ".join(filter(None, (_first(BROWSERS, text), _first(SYSTEMS, text))))


def _first(signs: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for sign, name in signs if sign in text), "")
