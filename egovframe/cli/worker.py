"""``egovframe worker``: run jobs in a process of its own."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click

from egovframe.cli.context import CityContext, pass_city
from egovframe.core.modules.jobs import QUEUES, build_worker
from egovframe.core.web import runtime


@click.command(epilog="Example: egovframe worker --queue outside")
@click.option("--once", is_flag=True, help="Run what is due now, then stop.")
@click.option(
    "--queue", "queues", multiple=True, type=click.Choice(QUEUES), help="Only this queue (may be given several times)."
)
@pass_city
def worker(city: CityContext, once: bool, queues: tuple[str, ...]) -> None:
    """Run jobs: deliver events and messages, keep schedules, seal the audit chain.

    The server runs a worker of its own unless told otherwise. On SQLite one process works at a time, others wait.
    """
    app = city.app()
    present = runtime(app)
    hands = build_worker(
        present.database,
        present.hooks,
        context=app.app_context,
        queues=queues or QUEUES,
        heads=present.settings.data_dir / "audit" / "heads.jsonl",
    )
    try:
        if once:
            click.echo(f"{hands.run_pending()} jobs were run")
            return
        stop = threading.Event()
        _stop_on_signals(stop)
        click.echo(f"working on {', '.join(queues or QUEUES)}; stop with Ctrl-C")
        hands.run(stop)
    finally:
        present.database.dispose()


def _stop_on_signals(stop: threading.Event) -> None:
    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
