"""The peer: Flask and SQLAlchemy alone, answering one page and one JSON list from the same database.

Run by ``cold_start.py`` and ``memory.py``: ``python benchmarks/bare.py PORT``
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import waitress
from flask import Flask, jsonify, render_template_string
from sqlalchemy import Engine, create_engine

Statement = tuple[str, Any]
PAGE = """<!doctype html><html lang="en"><head><title>Bare</title></head><body><main><h1>Bare</h1><table>
{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>{% endfor %}
</table></main></body></html>"""


def bare_app(engine: Engine, page: list[Statement], api: list[Statement]) -> Flask:
    """Return an application whose two routes send these statements and show every row."""
    app = Flask(__name__)

    def rows(statements: list[Statement]) -> list[tuple[Any, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for text, values in statements for row in connection.exec_driver_sql(text, values)]

    @app.get("/page")
    def show() -> str:
        return render_template_string(PAGE, rows=rows(page))

    @app.get("/api")
    def listed() -> Any:
        return jsonify([[str(value) for value in row] for row in rows(api)])

    return app


def main() -> None:
    """Serve on the port."""
    folder = Path(os.environ["EGOVFRAME_CONFIG"])
    settings = tomllib.loads((folder / "egovframe.toml").read_text(encoding="utf-8"))
    file = folder / settings.get("data_dir", "data") / "city.sqlite"
    engine = create_engine(os.environ.get("EGOVFRAME_DATABASE_URL") or f"sqlite:///{file}")
    statement = ("SELECT code FROM core_department", ())
    waitress.serve(bare_app(engine, [statement], [statement]), host="127.0.0.1", port=int(sys.argv[1]))


if __name__ == "__main__":
    main()
