"""gzip for text, with a header of random length.

An attacker who sees only lengths could otherwise guess secrets that stand beside reflected input (BREACH,
CVE-2013-3587). The gzip header (RFC 1952) holds a file name of random length, so lengths of equal pages differ
("Heal the BREACH", 2022).
"""

from __future__ import annotations

import secrets
import struct
import zlib

from flask import Flask, Response, request

MIN_BYTES = 400
LEVEL = 6
MAX_PADDING = 100
_TEXT: tuple[str, ...] = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/geo+json",
    "application/xml",
)
_TEXT += ("application/javascript", "image/svg+xml", "application/rdf+xml", "application/ld+json")
_HEAD = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff"


def install(app: Flask) -> None:
    """Pack answers on their way out."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Pack a text of at least 400 bytes where the caller takes gzip."""
    if response.direct_passthrough or response.is_streamed or not (response.mimetype or "").startswith(_TEXT):
        return response
    response.vary.add("Accept-Encoding")
    if (
        response.content_encoding
        or response.status_code in {204, 206, 304}
        or not request.accept_encodings["gzip"]
        or response.content_length is None
        or response.content_length < MIN_BYTES
    ):
        return response
    response.set_data(pack(response.get_data()))
    response.content_encoding = "gzip"
    return response


def pack(body: bytes) -> bytes:
    """Return a gzip stream whose header holds a name of 1 to 100 random letters."""
    name = secrets.token_hex(MAX_PADDING)[: 1 + secrets.randbelow(MAX_PADDING)].encode()
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(body) + deflate.flush()
    return _HEAD + name + b"\0" + packed + struct.pack("<II", zlib.crc32(body), len(body) & 0xFFFFFFFF)
