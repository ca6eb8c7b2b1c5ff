"""What attackers send. Every value is sent to every place of every route that takes text."""

from __future__ import annotations

TEXTS = {
    "quote": "'",
    "union": "x' UNION SELECT email, password_hash FROM core_account --",
    "sleep": "1); SELECT pg_sleep(30); --",
    "double quote": '"; DROP TABLE core_account; --',
    "comment": "*/ OR 1=1 /*",
    "like": "%" * 40 + "_" * 40,
    "NUL": "a\x00b",
    "big number": "1" + "0" * 30,
    "exponent": "1e400",
    "not a number": "NaN",
    "negative": "-1",
    "template": "{{7919*7907}} ${7919*7907} <%= 7919*7907 %> {0.__class__}",
    "format": "%s%n%(x)s{}{0!r}",
    "line end": "x\r\nSet-Cookie: evil=1\r\n\r\n<script>",
    "path": "../../../../etc/passwd",
    "digits of other scripts": "١٢٣",
    "marks": "e" + "\u0301" * 5000,
    "right to left": "\u202egnp.exe",
    "long": "A" * 100_000,
}
FOR_POSTGRESQL = ("quote", "union", "sleep", "NUL", "big number", "negative", "template", "format", "long")
"""What SQLite takes in silence and a server refuses, or the other way round."""
ONE_BY_ONE = ("union", "template")
"""What is sent to each name of a query by itself too."""
RAW_QUERY = {
    "half a letter": "%ff%fe",
    "surrogate": "%ed%a0%80",
    "NUL": "%00",
    "ten thousand times": "&x=1" * 10_000,
}
JSON_BODIES = {
    "empty": b"",
    "no JSON": b"{",
    "not an object": b"[]",
    "a number": b"1e400",
    "NaN": b'{"text": NaN}',
    "infinity": b'{"text": 1e400, "lat": 1e400, "version": 1e400}',
    "huge number": b'{"version": 1' + b"0" * 400 + b', "days": 1' + b"0" * 30 + b"}",
    "nested": b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "twice": b'{"text": "a", "text": "b"}',
    "lone surrogate": b'{"text": "\\ud800", "description": "\\udfff", "name": "\\ud800"}',
    "NUL": b'{"text": "\\u0000", "description": "a\\u0000", "name": "a\\u0000"}',
    "UTF-16": '{"text": "x"}'.encode("utf-16"),
    "Latin-1": '{"text": "é"}'.encode("latin-1"),
    "many names": b"{" + b",".join(b'"k%d": 1' % number for number in range(20_000)) + b"}",
    "bigger than allowed": b'{"text": "' + b"A" * 40_000_000 + b'"}',
}
CONTENT_TYPES = ("text/plain", "application/xml", "application/json; charset=utf-7", "multipart/form-data", "")
ASSIGNED = {"role": "administrator", "is_admin": "1", "owner_id": "1", "status": "closed", "vote_count": "99"}
"""Names that nobody asked for; stored by software that takes whatever comes."""
