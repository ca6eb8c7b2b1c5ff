"""Codes for paper and screens."""

from __future__ import annotations

import io

from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Return a QR code (ISO/IEC 18004, error correction M) as an SVG element without inline styles."""
    import segno  # noqa: PLC0415 - few pages draw a code: loaded when the first one does

    stream = io.BytesIO()
    segno.make(text, error="m").save(
        stream, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, svgclass="qr", lineclass=None
    )
    # segno's output is made of numbers only; the text itself is not in it.
    return Markup(stream.getvalue().decode())  # noqa: S704
