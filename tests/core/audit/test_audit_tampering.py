"""Every column of every row of the chain is changed, every record deleted, copied and swapped: all of it is found.

The attacker is the database's administrator: triggers and foreign keys are out of the way, but the key is not in the
database. After each attack the tables are put back, and the chain must verify again: nothing is found where nothing is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, delete, insert, select, text, update

from egovframe.actor import SYSTEM, Actor
from egovframe.core.modules.audit import HeadFile, Verdict, audit, publish_daily_head, seal, verify
from egovframe.core.modules.audit.codes import link, mac_of
from egovframe.core.persistence import Database, Keyring
from egovframe.testing.databases import tamper

OFFICER = Actor("account", account_id=7, public_id="ab12", on_behalf_of="cd34")
TABLES = (
    "core_audit",
    "core_audit_index",
    "core_audit_hour",
    "core_audit_seal",
    "core_audit_head",
    "core_audit_day",
)
MARKS = "core_audit_pending"
"""A table on PostgreSQL; on SQLite a view, in which nothing can be changed."""
SEALED, WAITING = range(1, 7), range(7, 10)
FREE = {("core_audit_head", "at"), ("core_audit_head", "id")}
"""The first says when the head was written, which nothing relies on: the instants that count are in the signed heads.
The second can only be 1 (a CHECK)."""
LAST = ("core_audit", WAITING[-1])
"""Nothing has named its number yet where there are no marks; it says what it said, and its seal will bind it."""
Row = dict[str, Any]


class Vault:
    """The audit tables in an attacker's hands, and how they were before."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.database = database
        self.connection = connection
        self.has_marks = database.dialect == "postgresql"
        names = (*TABLES, MARKS) if self.has_marks else TABLES
        found = MetaData()
        found.reflect(connection, only=names)
        self.tables: dict[str, Table] = {name: found.tables[name] for name in names}
        self.before = self.content()

    def content(self) -> dict[str, list[Row]]:
        """Every row of the audit tables."""
        return {
            name: [dict(row._mapping) for row in self.connection.execute(select(table))]
            for name, table in self.tables.items()
        }

    def fill(self, content: dict[str, list[Row]]) -> None:
        """Replace everything."""
        for name, table in self.tables.items():
            self.connection.execute(delete(table))
            if content[name]:
                self.connection.execute(insert(table), content[name])
        self.connection.commit()

    def verdict(self, start: int = 1, heads: Path | None = None) -> Verdict:
        """What the city finds."""
        self.connection.commit()
        with self.database.reading() as session:
            return verify(session, start, heads=heads)

    def found(self, attack: Callable[[], None], heads: Path | None = None) -> Verdict:
        """Attack, verify, put back; the chain must hold before and after."""
        attack()
        verdict = self.verdict(heads=heads)
        self.fill(self.before)
        assert self.verdict(heads=heads).ok
        return verdict

    def change(self, name: str, key: Row, **values: Any) -> None:
        """Change one row."""
        table = self.tables[name]
        done = self.connection.execute(update(table).where(*(table.c[c] == v for c, v in key.items())).values(**values))
        assert done.rowcount == 1

    def remove(self, name: str, **key: Any) -> None:
        """Delete one row."""
        table = self.tables[name]
        done = self.connection.execute(delete(table).where(*(table.c[c] == v for c, v in key.items())))
        assert done.rowcount == 1

    def mark(self, entry: int) -> None:
        """Say that an entry waits for its seal."""
        if self.has_marks:
            self.add(MARKS, {"audit_id": entry})

    def unmark(self, entry: int) -> None:
        """Take that back."""
        if self.has_marks:
            self.remove(MARKS, audit_id=entry)

    def unindex(self, n: int) -> None:
        """Delete what the search finds a link's entry by."""
        index = self.tables["core_audit_index"]
        entry = self.row("core_audit_seal", "n", n)["audit_id"]
        assert self.connection.execute(delete(index).where(index.c.audit_id == entry)).rowcount == 3

    def untime(self, keep: int) -> None:
        """Make the hours say that the chain ends after so many links."""
        for row in self.before["core_audit_hour"]:
            if keep:
                last = self.row("core_audit_seal", "n", keep)["audit_id"]
                self.change("core_audit_hour", {"hour": row["hour"]}, last=last)
            else:
                self.remove("core_audit_hour", hour=row["hour"])

    def add(self, name: str, row: Row) -> None:
        """Insert a row."""
        self.connection.execute(insert(self.tables[name]).values(**row))

    def row(self, name: str, column: str, value: Any) -> Row:
        """One row as it was before."""
        return next(row for row in self.before[name] if row[column] == value)


@pytest.fixture
def heads(database: Database, tmp_path: Path) -> Path:
    database.service(HeadFile).path = tmp_path / "heads.jsonl"
    return tmp_path / "heads.jsonl"


@pytest.fixture
def vault(database: Database, heads: Path) -> Iterator[Vault]:
    """Six sealed entries in two batches, a published head, three entries that wait."""
    for count in (3, 3):
        with database.writing() as session:
            for n in range(count):
                audit(session, OFFICER, "cases:case:answer", f"case:{n}", before={"state": "open"}, after={"n": n})
        seal(database)
    publish_daily_head(database)
    with database.writing() as session:
        for n in WAITING:
            audit(session, SYSTEM, "cases:case:close", f"case:{n}", after={"n": n}, reason="done")
    tamper(database)  # drops the triggers on SQLite
    with database.writer.connect() as connection:
        if database.dialect == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        else:
            connection.execute(text("SET session_replication_role = replica"))
            connection.commit()
        present = Vault(database, connection)
        connection.commit()
        assert present.verdict(heads=heads).ok
        yield present
        connection.invalidate()


def other(value: Any, column: str) -> Any:
    """Something else that the column also takes."""
    if column == "outcome":
        return "refused" if value == "done" else "done"
    if column in {"before", "after"}:
        return '{"n": 1}' if value else "{}"
    if isinstance(value, str) and (column == "hour" or len(value) in {16, 64, 128}):
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    if value is None or isinstance(value, int):
        return (value or 0) + 1000
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    return f"{value}x"


def keys_of(table: Table, row: Row) -> Row:
    return {column.name: row[column.name] for column in table.primary_key}


def record_of(vault: Vault, name: str, row: Row) -> str:
    """How the record is named in a verdict."""
    if name == "core_audit_seal":
        return f"link {row['n']}"
    if name == "core_audit_day":
        return f"daily head {row['day']}"
    if name == "core_audit_head":
        return "head"
    if name == "core_audit_hour":
        return f"hour {row['hour']}"
    entry = row["id"] if name == "core_audit" else row["audit_id"]
    sealed = {seal["audit_id"]: seal["n"] for seal in vault.before["core_audit_seal"]}
    return f"link {sealed[entry]}" if entry in sealed else f"entry {entry}"


def test_every_column_of_every_row_is_guarded(vault: Vault) -> None:
    tried = 0
    for name, table in vault.tables.items():
        for row, column in itertools.product(vault.before[name], table.c.keys()):
            if (name, column) in FREE or (not vault.has_marks and (name, row.get("id")) == LAST and column == "id"):
                continue
            tried += 1
            verdict = vault.found(
                lambda n=name, r=row, t=table, c=column: vault.change(n, keys_of(t, r), **{c: other(r[c], c)})
            )
            assert not verdict.ok, (name, column, row)
            expected = record_of(vault, name, row)
            named = {expected, f"entry {row.get('id')}", f"entry {row.get('audit_id')}"}
            if (name, column) == ("core_audit_head", "n"):
                named |= {"link 7"}
            if name == "core_audit_day":
                named |= {"link 1006", f"daily head {row['day'] + timedelta(days=1)}"}
            if (name, column) in {(MARKS, "audit_id"), ("core_audit", "id")}:
                moved = row.get("id", row.get("audit_id"))
                # Without a mark that stays behind it is the next entry of the same writer that tells.
                named |= {f"entry {moved + 1000}", f"entry {moved + 1}"}
            if column == "hour":
                named |= {f"hour {other(row['hour'], 'hour')}"}
            assert verdict.first_bad in named, (name, column, verdict)
    assert tried > 9 * 15


def test_every_deletion_is_found(vault: Vault) -> None:
    for n in SEALED:
        entry = vault.row("core_audit_seal", "n", n)["audit_id"]

        def gone(n: int = n, entry: int = entry, *, with_link: bool, without_entry: bool) -> None:
            if without_entry:
                vault.remove("core_audit", id=entry)
            if with_link:
                vault.remove("core_audit_seal", n=n)

        for with_link, without_entry in [(True, True), (True, False), (False, True)]:
            verdict = vault.found(lambda a=with_link, b=without_entry: gone(with_link=a, without_entry=b))  # type: ignore[misc]
            assert (verdict.ok, verdict.first_bad) == (False, f"link {n}")


def test_a_deletion_with_all_later_links_moved_up_is_found(vault: Vault) -> None:
    for n in SEALED:

        def closed_up(n: int = n) -> None:
            vault.remove("core_audit", id=vault.row("core_audit_seal", "n", n)["audit_id"])
            vault.remove("core_audit_seal", n=n)
            for later in range(n + 1, len(SEALED) + 1):
                vault.change("core_audit_seal", {"n": later}, n=later - 1)
            vault.change("core_audit_head", {"id": 1}, n=len(SEALED) - 1)

        verdict = vault.found(closed_up)
        assert (verdict.ok, verdict.first_bad) == (False, "head" if n == len(SEALED) else f"link {n}")


def test_what_waits_is_guarded_before_its_seal(vault: Vault) -> None:
    first, middle, last = WAITING
    if vault.has_marks:
        for entry in WAITING:
            alone = vault.found(lambda e=entry: vault.remove("core_audit", id=e))  # type: ignore[misc]
            assert (alone.ok, alone.first_bad) == (False, f"entry {entry}")
            unmarked = vault.found(lambda e=entry: vault.unmark(e))  # type: ignore[misc]
            assert (unmarked.ok, unmarked.first_bad) == (False, f"entry {entry}")

    def both(entry: int) -> None:
        vault.remove("core_audit", id=entry)
        vault.unmark(entry)

    for entry, follower in [(first, middle), (middle, last)]:
        verdict = vault.found(lambda e=entry: both(e))  # type: ignore[misc]
        assert (verdict.ok, verdict.first_bad) == (False, f"entry {follower}")
        assert "before it was deleted" in verdict.why


def test_the_last_of_a_writer_deleted_before_its_seal_is_found_when_that_writer_goes_on(vault: Vault) -> None:
    last = WAITING[-1]
    vault.remove("core_audit", id=last)
    vault.unmark(last)
    assert vault.verdict().ok  # the one gap: nothing tells yet that there was more
    with vault.database.writing() as session:
        audit(session, SYSTEM, "cases:case:close", "case:after")
    found = vault.verdict()
    assert not found.ok
    assert "before it was deleted" in found.why
    seal(vault.database)
    found = vault.verdict()
    assert (found.ok, found.first_bad) == (False, f"link {len(SEALED) + 3}")


def test_every_insertion_is_found(vault: Vault) -> None:
    length = len(SEALED)
    for source in vault.before["core_audit"]:
        copy = {**source, "id": 900}

        def placed(*marks: str, copy: Row = copy) -> None:
            vault.add("core_audit", copy)
            last = vault.row("core_audit_seal", "n", length)
            if "pending" in marks:
                vault.mark(900)
            if "link" in marks:
                vault.add("core_audit_seal", {"n": length + 1, "audit_id": 900, "prev": last["hash"], "hash": "0" * 64})
            if "head" in marks:
                vault.change("core_audit_head", {"id": 1}, n=length + 1, hash="0" * 64)

        for marks in [(), ("pending",), ("link",), ("link", "head"), ("pending", "link", "head")]:
            verdict = vault.found(lambda m=marks: placed(*m))  # type: ignore[misc]
            assert not verdict.ok, (source["id"], marks)
            assert verdict.first_bad in {"entry 900", f"link {length + 1}"}, (source["id"], marks, verdict)


def test_marks_for_what_is_sealed_or_nowhere_are_found(vault: Vault) -> None:
    if not vault.has_marks:
        pytest.skip("SQLite has no marks: what waits is what comes after the last sealed entry")
    for entry in (*SEALED, 900):
        verdict = vault.found(lambda e=entry: vault.mark(e))  # type: ignore[misc]
        assert (verdict.ok, verdict.first_bad) == (False, f"entry {entry}")


def test_every_swap_is_found(vault: Vault) -> None:
    for one, two in itertools.combinations((*SEALED, *WAITING), 2):

        def swapped(one: int = one, two: int = two) -> None:
            vault.change("core_audit", {"id": one}, id=900)
            vault.change("core_audit", {"id": two}, id=one)
            vault.change("core_audit", {"id": 900}, id=two)

        verdict = vault.found(swapped)
        assert not verdict.ok, (one, two)
        assert verdict.first_bad == (f"link {one}" if one in SEALED else f"entry {one}"), (one, two, verdict)
    for one, two in itertools.combinations(SEALED, 2):
        links = [vault.row("core_audit_seal", "n", n) for n in (one, two)]

        def crossed(links: list[Row] = links) -> None:
            for link_row in links:
                vault.remove("core_audit_seal", n=link_row["n"])
            vault.add("core_audit_seal", {**links[0], "n": links[1]["n"]})
            vault.add("core_audit_seal", {**links[1], "n": links[0]["n"]})

        verdict = vault.found(crossed)
        assert (verdict.ok, verdict.first_bad) == (False, f"link {one}")


def test_a_chain_made_anew_with_another_key_is_found_from_where_it_begins(vault: Vault) -> None:
    stranger = Keyring(["another-secret-of-somebody-else-0123456789"])
    for start in SEALED:

        def rehashed(start: int = start) -> None:
            prev = vault.row("core_audit_seal", "n", start)["prev"]
            for n in range(start, len(SEALED) + 1):
                entry = next(
                    row
                    for row in vault.connection.execute(select(vault.tables["core_audit"]))
                    if row.id == vault.row("core_audit_seal", "n", n)["audit_id"]
                )
                mac = mac_of(stranger, entry)  # type: ignore[arg-type]
                fresh = link(stranger, prev, n, entry.id, mac)
                vault.change("core_audit", {"id": entry.id}, mac=mac)
                vault.change("core_audit_seal", {"n": n}, prev=prev, hash=fresh)
                prev = fresh
            vault.change("core_audit_head", {"id": 1}, hash=prev)

        verdict = vault.found(rehashed)
        assert (verdict.ok, verdict.first_bad) == (False, f"link {start}")


def test_a_tail_that_is_cut_off_is_found_by_the_heads(vault: Vault, heads: Path) -> None:
    def cut(keep: int, *, days: bool) -> None:
        for n in range(keep + 1, len(SEALED) + 1):
            vault.remove("core_audit", id=vault.row("core_audit_seal", "n", n)["audit_id"])
            vault.remove("core_audit_seal", n=n)
            vault.unindex(n)
        for entry in WAITING:
            vault.remove("core_audit", id=entry)
            vault.unmark(entry)
        vault.untime(keep)
        last = vault.row("core_audit_seal", "n", keep)["hash"] if keep else "0" * 64
        vault.change("core_audit_head", {"id": 1}, n=keep, hash=last, indexed=keep, timed=keep)
        if days:
            vault.connection.execute(delete(vault.tables["core_audit_day"]))

    for keep in range(len(SEALED)):
        for days in (True, False):
            verdict = vault.found(lambda k=keep, d=days: cut(k, days=d), heads)  # type: ignore[misc]
            assert not verdict.ok
            assert verdict.first_bad == f"link {3 if keep < 3 else 6}"
        by_itself = vault.found(lambda k=keep: cut(k, days=False))  # type: ignore[misc]
        assert by_itself.first_bad == "link 6"  # the head that was published today
        assert vault.found(lambda k=keep: cut(k, days=True)).ok  # type: ignore[misc]  # what the file outside is for


def test_an_old_database_put_in_place_of_the_present_one_is_found_by_the_heads(vault: Vault, heads: Path) -> None:
    database = vault.database
    with database.writing() as session:
        audit(session, SYSTEM, "cases:case:close", "case:late")
    seal(database)
    assert vault.verdict(heads=heads).ok
    vault.fill(vault.before)
    assert vault.verdict().ok
    found = vault.verdict(heads=heads)
    assert (found.ok, found.first_bad) == (False, f"link {len(SEALED) + len(WAITING) + 1}")


def test_verifying_from_the_middle_sees_what_lies_behind_it_only(vault: Vault) -> None:
    vault.change("core_audit", {"id": 2}, reason="changed")
    assert vault.verdict(start=2).first_bad == "link 2"
    assert vault.verdict(start=3) == Verdict(True, 4, length=6)
    assert vault.verdict(start=99) == Verdict(False, 0, "link 98", "is missing", 6)
