"""A city's colours: one style sheet made from two settings, refused when people could not read it.

Every shade of the default theme keeps its relative luminance and takes the city's hue: contrast in the city's theme is
therefore the contrast of the default theme, in light and in dark. Luminance and contrast: WCAG 2.2, "relative
luminance" and "contrast ratio". Hue and chroma: OKLab (Björn Ottosson, 2020).
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field

from flask import Flask, Response, abort

from egovframe.config_sections import ThemeSettings
from egovframe.core.auth import public
from egovframe.core.web.assets import STATIC, YEAR
from egovframe.core.web.caching import caches
from egovframe.errors import SettingsError

THEME_FILE = STATIC / "vendor" / "designsystemet" / "theme.css"
DEFAULT = ThemeSettings()
WHITE = "#ffffff"
MIN_CONTRAST = 4.5
_TOKEN = re.compile(r"--ds-color-(accent|brand1)-([a-z-]+):\s*(#[0-9a-fA-F]{6})")
Rgb = tuple[float, float, float]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours ``#RRGGBB``: 1 to 21."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white)."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def problems(theme: ThemeSettings) -> list[str]:
    """Return why the colours cannot be used, one line each; empty when they can."""
    found = []
    for name, colour in (("accent", theme.accent), ("support", theme.support)):
        ratio = contrast(colour, WHITE)
        needed = MIN_CONTRAST if name == "accent" else 3.0
        if ratio < needed:
            found.append(
                f"theme.{name} {colour}: white on it has a contrast of {ratio:.1f}:1, at least {needed}:1 is needed; "
                f"choose a darker shade such as {darker(colour, needed)}"
            )
    return found


def darker(colour: str, ratio: float) -> str:
    """Return the lightest shade of the colour's hue on which white reaches the contrast ratio."""
    return with_luminance(colour, 1.05 / ratio - 0.05 - 0.001)


def with_luminance(colour: str, target: float) -> str:
    """Return the shade of the colour's hue that has the relative luminance ``target`` (0 to 1)."""
    _lightness, chroma, hue = _to_oklch(colour)
    low, high = 0.0, 1.0
    for _step in range(24):
        middle = (low + high) / 2
        if luminance(_from_oklch(middle, chroma, hue)) < target:
            low = middle
        else:
            high = middle
    return _from_oklch(low, chroma, hue)


@dataclass(frozen=True)
class Theme:
    """The style sheet of a city's colours; empty for the default theme, which needs none.

    Raises:
        SettingsError: the colours cannot be read.
    """

    settings: ThemeSettings
    css: str = field(init=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        found = problems(self.settings)
        if found:
            raise SettingsError("These colours cannot be used:", found)
        css = stylesheet(self.settings)
        object.__setattr__(self, "css", css)
        object.__setattr__(self, "digest", hashlib.sha256(css.encode()).hexdigest()[:12])

    @property
    def url(self) -> str:
        """The style sheet's address, or an empty text when there is none."""
        return f"/theme/{self.digest}.css" if self.css else ""


def stylesheet(theme: ThemeSettings) -> str:
    """Return the custom properties that replace the default theme's, for light and dark."""
    if (theme.accent.lower(), theme.support.lower()) == (DEFAULT.accent.lower(), DEFAULT.support.lower()):
        return ""
    light, dark = default_tokens()
    return (
        f":root{{{_city(theme)}{_replaced(theme, light, own=True)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{_replaced(theme, dark, own=False)}}}}}"
    )


def default_tokens() -> tuple[dict[str, str], dict[str, str]]:
    """Return the accent and support shades of the vendored theme, light and dark, by ``<colour>-<token>``."""
    text = THEME_FILE.read_text(encoding="utf-8")
    schemes: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for match in _TOKEN.finditer(text):
        name = f"{match[1]}-{match[2]}"
        scheme = schemes[0] if name not in schemes[0] else schemes[1]
        scheme.setdefault(name, match[3])
    return schemes


def _city(theme: ThemeSettings) -> str:
    deep, far = darker(theme.accent, 8.0), darker(theme.support, 5.2)
    accent = theme.accent if contrast(theme.accent, WHITE) >= 5.2 else darker(theme.accent, 5.2)
    return f"--city-from:{theme.accent};--city-to:{theme.support};--hero-1:{deep};--hero-2:{accent};--hero-3:{far};"


def _replaced(theme: ThemeSettings, tokens: dict[str, str], *, own: bool) -> str:
    parts = []
    for name, shade in tokens.items():
        colour = theme.accent if name.startswith("accent") else theme.support
        new = colour if own and name == "accent-base-default" else with_luminance(colour, luminance(shade))
        parts.append(f"--ds-color-{name}:{new};")
    return "".join(parts)


def _linear(colour: str) -> Rgb:
    channels = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def _to_oklch(colour: str) -> Rgb:
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> str:
    # Chroma that the screen cannot show at this lightness is given up, not clipped: clipping would turn the hue.
    for _step in range(12):
        rgb = _from_oklab(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if all(-0.0005 <= channel <= 1.0005 for channel in rgb):
            break
        chroma *= 0.8
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, channel)))):02x}" for channel in rgb)


def _from_oklab(lightness: float, a: float, b: float) -> Rgb:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def install(app: Flask, theme: Theme) -> None:
    """Serve the style sheet below ``/theme``."""

    @public
    @caches("public")
    def stylesheet_file(digest: str) -> Response:
        if digest != theme.digest:
            abort(404)
        response = Response(theme.css, content_type="text/css; charset=utf-8")
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response

    app.add_url_rule("/theme/<digest>.css", "core.theme", stylesheet_file)
