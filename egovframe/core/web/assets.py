"""Static files: an address holds a digest of the content, so browsers may keep each file for a year.

Files are read from folders (the roots) named ``core``, ``<plugin>`` and ``city``. A digest that no longer fits leads to
the present file. Compressed forms are made once, when first asked for, and kept in memory.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, Response, abort, redirect, request

from egovframe.core.auth import public
from egovframe.core.web.caching import caches

STATIC = Path(__file__).parent / "static"
YEAR = 31_536_000
PREFIX = "/static"
LOGO = "core/logo.svg"
MIN_COMPRESSED = 512
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""What may be served; other kinds of file in a static folder are not published."""
TEXTUAL = frozenset({".css", ".js", ".mjs", ".svg", ".json", ".geojson", ".txt", ".webmanifest"})
BUNDLES: Mapping[str, tuple[str, ...]] = {
    "core/app.css": (
        "core/vendor/designsystemet/theme.css",
        "core/vendor/designsystemet/components.css",
        "core/portal.css",
        "core/parts.css",
        "core/desk.css",
    )
}
"""Files that are sent as one: fewer round trips on slow lines."""


@dataclass(slots=True)
class Asset:
    """One published file.

    Attributes:
        path: ``<root>/<path below it>``.
        sources: the file, or the files of a bundle.
        digest: first 12 hex digits of the content's SHA-256.
    """

    path: str
    sources: tuple[Path, ...]
    digest: str
    suffix: str
    _packed: bytes | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The address that changes with the content."""
        return f"{PREFIX}/{self.digest}/{self.path}"

    @property
    def content_type(self) -> str:
        """The media type."""
        return TYPES.get(self.suffix) or mimetypes.guess_type(self.path)[0] or "application/octet-stream"

    def content(self) -> bytes:
        """Return the bytes; parts of a bundle follow each other on lines of their own."""
        return b"\n".join(source.read_bytes() for source in self.sources)

    def packed(self) -> bytes | None:
        """Return the gzip form, or None where packing gains nothing."""
        if self.suffix not in TEXTUAL:
            return None
        if self._packed is None:
            content = self.content()
            self._packed = gzip.compress(content, 9, mtime=0) if len(content) >= MIN_COMPRESSED else b""
        return self._packed or None


class Assets:
    """All published files of one application.

    Args:
        roots: folders by name; ``core`` is added.
        watch: look for changes at every use (development).
    """

    def __init__(self, roots: Mapping[str, Path] | None = None, *, watch: bool = False) -> None:
        self._watch = watch
        self._lock = threading.Lock()
        self._assets: dict[str, Asset] = {}
        self._stamps: dict[str, tuple[int, ...]] = {}
        self.add_root("core", STATIC)
        for path, parts in BUNDLES.items():
            self._publish(path, tuple(self._assets[part].sources[0] for part in parts))
        for name, folder in (roots or {}).items():
            self.add_root(name, folder)

    def add_root(self, name: str, folder: Path) -> None:
        """Publish the files of a folder under ``<name>/``; hidden files, links out of it and unknown kinds are not."""
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise ValueError(f"a static root needs a plain name, not {name!r}")
        base = folder.resolve()
        for file in sorted(base.rglob("*")) if base.is_dir() else ():
            below = file.relative_to(base)
            hidden = any(part.startswith(".") for part in below.parts)
            if file.is_file() and not hidden and file.suffix in TYPES and file.resolve().is_relative_to(base):
                self._publish(f"{name}/{below.as_posix()}", (file,))

    def add_file(self, path: str, file: Path) -> str:
        """Publish one file under the path, such as a city's logo; return its address."""
        self._publish(path, (file,))
        return self.url(path)

    def url(self, path: str) -> str:
        """Return the address of a file.

        Raises:
            KeyError: there is no such file, which is a mistake in a template.
        """
        return self._find(path).url

    def get(self, path: str) -> Asset | None:
        """Return the file, or None."""
        return self._find(path) if path in self._assets else None

    def paths(self) -> Sequence[str]:
        """Return every published path."""
        return tuple(self._assets)

    def _find(self, path: str) -> Asset:
        asset = self._assets[path]
        if self._watch and self._stamps[path] != _stamp(asset.sources):
            return self._publish(path, asset.sources)
        return asset

    def _publish(self, path: str, sources: tuple[Path, ...]) -> Asset:
        with self._lock:
            asset = Asset(path, sources, "", Path(path).suffix)
            asset.digest = hashlib.sha256(asset.content()).hexdigest()[:12]
            self._assets[path] = asset
            self._stamps[path] = _stamp(sources)
            return asset


def _stamp(sources: Sequence[Path]) -> tuple[int, ...]:
    return tuple(source.stat().st_mtime_ns for source in sources)


def install(app: Flask, assets: Assets) -> None:
    """Serve the files below ``/static``."""

    @public
    @caches("public")
    def static(digest: str, path: str) -> Response:
        asset = assets.get(path)
        if asset is None:
            abort(404)
        if digest != asset.digest:
            return redirect(asset.url, code=302)  # type: ignore[return-value]
        return answer(asset)

    @public
    def favicon() -> Response:
        # Browsers ask for it even where the page names another one.
        return redirect(assets.url(LOGO), code=302)  # type: ignore[return-value]

    app.add_url_rule(f"{PREFIX}/<digest>/<path:path>", "core.static", static)
    app.add_url_rule("/favicon.ico", "core.favicon", favicon)


def answer(asset: Asset) -> Response:
    """Return the file with its year of caching, packed where the browser takes gzip."""
    packed = asset.packed() if request.accept_encodings["gzip"] else None
    response = Response(packed or asset.content(), content_type=asset.content_type)
    if packed:
        response.content_encoding = "gzip"
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    if asset.suffix in TEXTUAL:
        response.vary.add("Accept-Encoding")
    return response
