"""Writers among threads and processes: nobody's change is lost, nobody starves, nobody waits for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from egovframe.core.persistence import REQUEST, WORKER, Database, DatabaseFault
from egovframe.core.persistence.locks import WriteQueue
from egovframe.testing.databases import TEST_SECRET, opened

AT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def counter(database: Database, notes: Any) -> Any:
    with database.writing() as session:
        session.add(notes(id=1, at=AT))
    return notes


def read_then_write(database: Database, notes: Any) -> None:
    with database.writing() as session:
        note = session.scalars(select(notes).where(notes.id == 1).with_for_update()).one()
        note.count = note.count + 1


def test_a_thousand_increments_lose_none(database: Database, counter: Any) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: read_then_write(database, counter), range(1000)))
    with database.reading() as session:
        assert session.scalars(select(counter.count)).one() == 1000


def test_without_a_writing_unit_an_increment_is_lost(database: Database, counter: Any) -> None:
    """The control: two plain transactions that both read first overwrite each other."""
    with database.engine.connect() as one, database.engine.connect() as two:
        first = one.execute(select(counter.count)).scalar_one()
        one.rollback()
        second = two.execute(select(counter.count)).scalar_one()
        two.rollback()
        for connection, seen in ((one, first), (two, second)):
            connection.execute(update(counter).values(count=seen + 1))
            connection.commit()
    with database.reading() as session:
        assert session.scalars(select(counter.count)).one() == 1


def test_increments_of_several_processes_lose_none(database: Database, counter: Any) -> None:
    address = database.engine.url.render_as_string(hide_password=False)
    program = (
        "from sqlalchemy import text\n"
        "from egovframe.core.persistence import Database, Keyring\n"
        f"database = Database({address!r}, Keyring([{TEST_SECRET!r}]))\n"
        "for _ in range(100):\n"
        "    with database.writing() as session:\n"
        "        lock = '' if database.dialect == 'sqlite' else ' FOR UPDATE'\n"
        "        n = session.execute(text('SELECT count FROM scratch_note WHERE id = 1' + lock)).scalar_one()\n"
        "        session.execute(text('UPDATE scratch_note SET count = :n WHERE id = 1'), {'n': n + 1})\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    with database.reading() as session:
        assert session.scalars(select(counter.count)).one() == 300


def test_a_reader_is_not_blocked_and_sees_the_state_before(database: Database, counter: Any) -> None:
    with database.writing() as session:
        session.execute(update(counter).values(count=7))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(lambda: _count(database, counter)).result(timeout=5) == 0
    assert _count(database, counter) == 7


def _count(database: Database, notes: Any) -> int:
    with database.reading() as session:
        return int(session.scalars(select(notes.count)).one())


def queued(queue: WriteQueue, count: int) -> None:
    """Wait until so many threads stand in the queue."""
    deadline = time.monotonic() + 10
    while len(queue._waiting) < count:
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)


@pytest.mark.parametrize(("patience", "expected"), [(60.0, ["r1", "r2", "w1", "w2"]), (0.0, ["w1", "w2", "r1", "r2"])])
def test_requests_pass_workers_only_while_these_are_patient(patience: float, expected: list[str]) -> None:
    queue = WriteQueue(None, patience=patience)
    order: list[str] = []

    def take(priority: int, name: str) -> None:
        with queue.turn(priority):
            order.append(name)

    threads = []
    with queue.turn():
        for priority, name in [(WORKER, "w1"), (WORKER, "w2"), (REQUEST, "r1"), (REQUEST, "r2")]:
            threads.append(threading.Thread(target=take, args=(priority, name)))
            threads[-1].start()
            queued(queue, len(threads))
    for thread in threads:
        thread.join(10)
    assert order == expected


def test_a_turn_that_does_not_come_is_given_up_and_the_queue_goes_on() -> None:
    queue = WriteQueue(None, timeout=0.05)
    with queue.turn(), ThreadPoolExecutor(1) as pool:
        late = pool.submit(lambda: queue.turn().__enter__())
        with pytest.raises(DatabaseFault, match="busy with another writer"):
            late.result(10)
    with queue.turn():
        pass


class Interrupted(Exception):
    """What the alarm raises in the thread that waits."""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarm")
def test_who_is_interrupted_while_waiting_does_not_take_the_turn_along() -> None:
    def ring(*_: Any) -> None:
        raise Interrupted

    queue = WriteQueue(None)
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with queue.turn():
            held.set()
            go.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(Interrupted):
            queue.turn().__enter__()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        go.set()
        holder.join(10)
    with queue.turn():
        pass


def test_many_threads_hold_the_turn_one_at_a_time() -> None:
    queue = WriteQueue(None, patience=0.001)
    inside: list[int] = []
    together: list[int] = []

    def work(number: int) -> None:
        for _ in range(200):
            with queue.turn(number % 2):
                inside.append(number)
                together.append(len(inside))
                inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert together == [1] * 1600


def test_a_process_that_holds_the_lock_file_is_waited_for_only_so_long(tmp_path: Path) -> None:
    path = tmp_path / "write.lock"
    program = f"import fcntl, os; f = os.open({str(path)!r}, os.O_RDWR | os.O_CREAT); fcntl.flock(f, fcntl.LOCK_EX)\n"
    holder = subprocess.Popen(
        [sys.executable, "-c", program + "print('held', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    queue = WriteQueue(path, timeout=0.1)
    with pytest.raises(DatabaseFault, match="busy with another process"):
        queue.turn().__enter__()
    holder.communicate("\n", timeout=10)
    patient = WriteQueue(path, timeout=10)
    with queue.turn():  # the wait that was given up does not hold the lock for itself, nor lose ours
        with pytest.raises(DatabaseFault, match="busy with another process"):
            WriteQueue(path, timeout=0.1).turn().__enter__()
    with patient.turn():
        pass
    queue.close()
    patient.close()


def test_a_unit_that_lasts_too_long_is_undone(database: Database, counter: Any) -> None:
    with pytest.raises(DatabaseFault, match="took more than 0 seconds"), database.writing(seconds=0) as session:
        session.execute(update(counter).values(count=7))
    assert _count(database, counter) == 0


def test_a_unit_without_statements_at_its_end_is_undone_too(database: Database, counter: Any) -> None:
    with pytest.raises(DatabaseFault), database.writing(seconds=0.2) as session:
        session.execute(update(counter).values(count=7))
        threading.Event().wait(0.25)
    assert _count(database, counter) == 0


def test_a_foreign_lock_on_the_file_becomes_a_clear_fault(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/city.sqlite") as mine, opened(f"sqlite:///{tmp_path}/city.sqlite") as other:
        with other.writer.connect() as connection, mine.writer.connect() as impatient:
            connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
            impatient.connection.driver_connection.execute("PRAGMA busy_timeout=50")  # type: ignore[union-attr]
            impatient.close()
            with pytest.raises(DatabaseFault, match="locked by another program"), mine.writing() as session:
                session.execute(text("SELECT 1"))


def test_after_fork_a_child_can_write_although_the_parent_was_writing(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from sqlalchemy import text\n"
        "from egovframe.core.persistence import Database, Keyring\n"
        f"database = Database('sqlite:///{tmp_path}/city.sqlite', Keyring(['x' * 40]))\n"
        "with database.queue.turn():\n"
        "    child = os.fork()\n"
        "if child:\n"
        "    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "with database.queue.turn():\n"
        "    os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
