"""The migrations runner: one version table per source, safe with data, resumable, clear about what is wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from egovframe.core.persistence import Database, MigrationFailed, Migrations, MigrationSource, NewerSchema
from egovframe.testing.databases import TEST_SECRET, opened
from egovframe.testing.postgres import PostgresTemplates

HEAD = """
import sqlalchemy as sa
from alembic import op
revision = {name!r}
down_revision = {previous!r}
"""
PARENT = """
def upgrade():
    op.create_table("core_town", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
def downgrade():
    op.drop_table("core_town")
"""
CHILD = """
def upgrade():
    op.create_table(
        "trees_tree",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("town_id", sa.Integer, sa.ForeignKey("core_town.id", ondelete="CASCADE"), nullable=False),
    )
def downgrade():
    op.drop_table("trees_tree")
"""
WIDER = """
def upgrade():
    with op.batch_alter_table("core_town", recreate="auto") as batch:
        batch.alter_column("name", type_=sa.String(200), existing_type=sa.String(20))
def downgrade():
    with op.batch_alter_table("core_town") as batch:
        batch.alter_column("name", type_=sa.String(20), existing_type=sa.String(200))
"""
BROKEN = """
def upgrade():
    op.create_table("trees_half", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO core_town (id, name) VALUES (99, 'half-way')")
    op.execute("SELECT * FROM there_is_no_such_table")
def downgrade():
    op.drop_table("trees_half")
"""


def revise(folder: Path, name: str, previous: str | None, body: str) -> None:
    """Write one revision file."""
    (folder / "versions").mkdir(parents=True, exist_ok=True)
    (folder / "versions" / f"{name}.py").write_text(HEAD.format(name=name, previous=previous) + body)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, on each engine."""
    if request.param == "sqlite":
        with opened(f"sqlite:///{tmp_path}/empty.sqlite") as database:
            yield database
        return
    servers: PostgresTemplates = request.getfixturevalue("postgres_templates")
    with servers.blank() as address, opened(address) as database:
        yield database


class Town:
    """A small core and one plugin with their folders."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.database = database
        self.core = folder / "core"
        self.trees = folder / "trees"
        revise(self.core, "0001_town", None, PARENT)
        revise(self.trees, "0001_tree", None, CHILD)

    @property
    def migrations(self) -> Migrations:
        """A fresh runner, as a new process would build it."""
        sources = [MigrationSource("core", "core_", self.core), MigrationSource("trees", "trees_", self.trees)]
        return Migrations(self.database, [source for source in sources if source.directory.exists()])

    def fill(self) -> None:
        """One town with two trees."""
        self.execute("INSERT INTO core_town (id, name) VALUES (1, 'Hanbit')")
        self.execute("INSERT INTO trees_tree (id, town_id) VALUES (1, 1), (2, 1)")

    def execute(self, statement: str) -> None:
        with self.database.writing() as session:
            session.execute(text(statement))

    def count(self, table: str) -> int:
        with self.database.reading() as session:
            return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def tables(self) -> set[str]:
        with self.database.engine.connect() as connection:
            return set(inspect(connection).get_table_names())


@pytest.fixture
def town(tmp_path: Path, empty: Database) -> Town:
    return Town(tmp_path / "town", empty)


def test_upgrade_runs_the_core_first_and_a_second_run_does_nothing(town: Town) -> None:
    assert town.migrations.upgrade() == [("core", "0001_town"), ("trees", "0001_tree")]
    assert town.migrations.upgrade() == []
    assert town.migrations.problems() == []
    assert {"core_alembic_version", "trees_alembic_version"} <= town.tables()


def test_up_down_up_with_data(town: Town) -> None:
    town.migrations.upgrade()
    town.fill()
    assert town.migrations.downgrade("trees", "base") == [("trees", "0001_tree")]
    assert "trees_tree" not in town.tables()
    assert town.count("core_town") == 1
    assert town.migrations.upgrade() == [("trees", "0001_tree")]
    assert town.count("trees_tree") == 0


def test_a_batch_change_of_a_core_table_keeps_the_rows_that_cascade_from_it(town: Town) -> None:
    town.migrations.upgrade()
    town.fill()
    revise(town.core, "0002_wider", "0001_town", WIDER)
    assert town.migrations.upgrade() == [("core", "0002_wider")]
    assert town.count("trees_tree") == 2
    town.migrations.downgrade("core")
    assert town.count("trees_tree") == 2
    town.execute("DELETE FROM core_town")  # the control: the cascade itself still works afterwards
    assert town.count("trees_tree") == 0


def test_removing_a_plugin_leaves_the_others_working(town: Town) -> None:
    town.migrations.upgrade()
    town.fill()
    revise(town.core, "0002_wider", "0001_town", WIDER)
    town.trees.rename(town.trees.with_name("gone"))
    assert town.migrations.upgrade() == [("core", "0002_wider")]
    assert town.migrations.problems() == []
    assert town.count("trees_tree") == 2


def test_a_failing_revision_leaves_the_version_before(town: Town) -> None:
    town.migrations.upgrade()
    revise(town.trees, "0002_half", "0001_tree", BROKEN)
    with pytest.raises(MigrationFailed, match=r"0002_half of trees failed and was undone.*no_such_table") as caught:
        town.migrations.upgrade()
    assert "\n" not in str(caught.value)
    assert "trees_half" not in town.tables()
    assert town.count("core_town") == 0
    assert [status.current for status in town.migrations.status()] == ["0001_town", "0001_tree"]
    revise(town.trees, "0002_half", "0001_tree", BROKEN.replace('    op.execute("SELECT', '    str("SELECT'))
    assert town.migrations.upgrade() == [("trees", "0002_half")]


def test_a_revision_that_would_leave_rows_pointing_nowhere_is_undone(town: Town) -> None:
    town.migrations.upgrade()
    town.fill()
    body = 'def upgrade():\n    op.execute("DELETE FROM core_town WHERE id = 1")\n'
    if town.database.dialect == "sqlite":
        revise(town.core, "0002_orphans", "0001_town", body)
        with pytest.raises(MigrationFailed, match="rows would point nowhere in trees_tree"):
            town.migrations.upgrade()
        assert town.count("core_town") == 1
        assert town.count("trees_tree") == 2
    else:
        revise(town.core, "0002_orphans", "0001_town", body)
        town.migrations.upgrade()
        assert town.count("trees_tree") == 0  # PostgreSQL keeps its keys on and cascades


def test_a_newer_schema_is_named_and_left_alone(town: Town) -> None:
    revise(town.core, "0002_wider", "0001_town", WIDER)
    town.migrations.upgrade()
    (town.core / "versions" / "0002_wider.py").unlink()
    (problem,) = town.migrations.problems()
    assert "core (0002_wider) is newer than this software (0001_town)" in problem
    assert "\n" not in problem
    for change in (town.migrations.upgrade, lambda: town.migrations.downgrade("core")):
        with pytest.raises(NewerSchema, match="start the version that upgraded it"):
            change()


def test_older_software_stays_ready_when_the_newer_revision_says_so(town: Town) -> None:
    revise(town.core, "0002_wider", "0001_town", "old_code_works = True\n" + WIDER)
    town.migrations.upgrade()
    (town.core / "versions" / "0002_wider.py").unlink()
    assert town.migrations.problems() == []


def test_newer_software_waits_for_the_upgrade_unless_it_works_before(town: Town) -> None:
    town.migrations.upgrade()
    revise(town.core, "0002_wider", "0001_town", WIDER)
    assert town.migrations.problems() == [
        "the schema of core is behind (0001_town, not 0002_wider): egovframe db upgrade"
    ]
    revise(town.core, "0002_wider", "0001_town", "new_code_works = True\n" + WIDER)
    assert town.migrations.problems() == []


def test_an_empty_database_is_behind(town: Town) -> None:
    assert town.migrations.problems()[0] == "the schema of core is behind (empty, not 0001_town): egovframe db upgrade"


def test_status_needs_no_alembic(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from egovframe.core.migrations import CORE\n"
        "from egovframe.core.persistence import Database, Keyring, Migrations\n"
        f"database = Database('sqlite:///{tmp_path}/a.sqlite', Keyring(['x' * 40]))\n"
        "Migrations(database, [CORE]).problems()\n"
        "assert 'alembic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def upgrading(town: Town, then: str) -> str:
    """Return a program for another process that builds the town's migrations and does something with them."""
    address = town.database.engine.url.render_as_string(hide_password=False)
    return (
        "from pathlib import Path\n"
        "from egovframe.core.persistence import Database, Keyring, Migrations, MigrationSource\n"
        f"database = Database({address!r}, Keyring([{TEST_SECRET!r}]))\n"
        f"core = MigrationSource('core', 'core_', Path({str(town.core)!r}))\n"
        f"trees = MigrationSource('trees', 'trees_', Path({str(town.trees)!r}))\n"
        f"migrations = Migrations(database, [core, trees])\n{then}\n"
    )


def test_two_processes_upgrade_at_once_and_only_one_does_the_work(town: Town) -> None:
    program = upgrading(town, "print(len(migrations.upgrade()))")
    runs = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    counts = sorted(int(run.communicate(timeout=60)[0]) for run in runs)
    assert counts == [0, 0, 2]
    assert town.migrations.problems() == []


def test_a_killed_upgrade_can_be_resumed(town: Town) -> None:
    town.migrations.upgrade()
    die = BROKEN.replace('op.execute("SELECT', '__import__("os")._exit(9)  # (')
    revise(town.core, "0002_wider", "0001_town", WIDER)
    revise(town.trees, "0002_die", "0001_tree", die)
    program = upgrading(town, "migrations.upgrade()")
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 9
    assert [status.current for status in town.migrations.status()] == ["0002_wider", "0001_tree"]
    revise(town.trees, "0002_die", "0001_tree", die.replace("_exit(9)", "getpid()"))
    assert town.migrations.upgrade() == [("trees", "0002_die")]


def test_sqlite_is_copied_before_its_data_change(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/city.sqlite") as database:
        town = Town(tmp_path / "town", database)
        town.migrations.upgrade()
        copy = tmp_path / "city.sqlite.before-upgrade"
        assert not copy.exists()  # an empty database has nothing to lose
        town.fill()
        revise(town.core, "0002_wider", "0001_town", WIDER)
        town.migrations.upgrade()
        assert copy.stat().st_mode & 0o077 == 0
        with opened(f"sqlite:///{copy}") as before:
            assert Town(tmp_path / "town", before).count("trees_tree") == 2
            assert Town(tmp_path / "town", before).migrations.status()[0].current == "0001_town"


def test_foreign_keys_are_on_again_after_a_step(town: Town) -> None:
    town.migrations.upgrade()
    if town.database.dialect == "sqlite":
        with town.database.writer.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("0002_a.py", "revision = 'x'\n", "not a revision file"),
        ("0002_a.py", "revision = 'x'\ndown_revision = 'nowhere'\n", "do not form one line"),
        ("0002_a.py", "revision = '0001_town'\ndown_revision = '0001_town'\n", "do not form one line"),
        ("0002_a.py", "def (", "not a revision file"),
        ("0002_a.py", f"revision = '{'x' * 33}'\ndown_revision = '0001_town'\n", "at most 32 characters"),
    ],
)
def test_bad_revision_files_are_named(tmp_path: Path, file: str, content: str, words: str) -> None:
    revise(tmp_path, "0001_town", None, PARENT)
    (tmp_path / "versions" / file).write_text(content)
    with pytest.raises(MigrationFailed, match=words):
        _ = MigrationSource("core", "core_", tmp_path).line


def test_wrong_targets_are_refused_with_the_known_ones(town: Town) -> None:
    town.migrations.upgrade()
    with pytest.raises(MigrationFailed, match="use one of core, trees"):
        town.migrations.downgrade("flowers")
    with pytest.raises(MigrationFailed, match="use one of base, 0001_tree"):
        town.migrations.downgrade("trees", "0007_x")


def test_sources_may_not_share_a_prefix(tmp_path: Path, empty: Database) -> None:
    sources = [MigrationSource("a", "x_", tmp_path), MigrationSource("b", "x_", tmp_path)]
    with pytest.raises(ValueError, match="share a prefix"):
        Migrations(empty, sources)


def test_a_table_belongs_to_the_longest_prefix(tmp_path: Path, empty: Database) -> None:
    sources = [MigrationSource("open", "open_", tmp_path), MigrationSource("open_data", "open_data_", tmp_path)]
    owner = Migrations(empty, sources).owner("open_data_dataset")
    assert owner is not None
    assert owner.name == "open_data"
