"""The table ``mailkit_run``: one row for each sync; and which of them never ended. This module needs SQLAlchemy."""

import os
import platform
from datetime import datetime, timedelta
from typing import Dict, List, NamedTuple, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .._version import __version__
from ..exceptions.redact import counted
from .database import Database
from .moments import utc_now
from .tables import RUN_COUNTS

RUNNING, KILLED = "running", "killed"

#: A run on another machine that did not say for so long that it is alive was killed. It says so after each delivery,
#: and a call with all its tries takes ten minutes at most, unless its deadline was lifted.
_SILENCE = timedelta(hours=6)


class KilledRun(NamedTuple):
    """A run that ended without a word."""

    id: int
    started_at: datetime
    asked: int
    deliveries: int

    def __str__(self) -> str:
        return "run {} of {:%Y-%m-%d %H:%M} (UTC) was killed after {} of {}".format(
            self.id, self.started_at, self.asked, counted(self.deliveries, "delivery", "deliveries")
        )


class Run:
    """This run: its row, and what it has counted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table = database.tables.run
        self.counts: Dict[str, int] = dict.fromkeys(RUN_COUNTS, 0)
        self.id: int = database.transact(self._begin)

    def _begin(self, connection: Connection) -> int:
        now = utc_now()
        row = dict(started_at=now, alive_at=now, outcome=RUNNING, process=this_process(), version=__version__)
        key = connection.execute(self._table.insert().values(**row, **self.counts)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def note(self, connection: Connection, **more: int) -> None:
        """Write what was counted, and *more*, in the transaction of *connection*: it counts only if that does."""
        counts = {name: number + more.get(name, 0) for name, number in self.counts.items()}
        self._write(connection, alive_at=utc_now(), **counts)

    def end(self, outcome: str, error: Optional[str] = None) -> None:
        """Write that it has ended."""
        now = utc_now()
        self._database.transact(
            lambda connection: self._write(
                connection, alive_at=now, ended_at=now, outcome=outcome, error=error, **self.counts
            )
        )

    def _write(self, connection: Connection, **values: object) -> None:
        connection.execute(self._table.update().where(self._table.c.id == self.id).values(**values))


def killed_runs(database: Database) -> List[KilledRun]:
    """The runs that never ended and whose process is there no more; each is told once."""
    table = database.tables.run
    now = utc_now()

    def find(connection: Connection) -> List[KilledRun]:
        row = table.c
        columns = (row.id, row.started_at, row.asked, row.deliveries, row.process, row.alive_at)
        found = []
        for *told, process, alive_at in connection.execute(
            sa.select(*columns).where(row.outcome == RUNNING).order_by(row.id)
        ):
            if not _is_alive(process, now - alive_at):
                change = table.update().where(row.id == told[0], row.outcome == RUNNING).values(outcome=KILLED)
                if connection.execute(change).rowcount:  # else another process tells it
                    found.append(KilledRun(*told))
        return found

    return database.transact(find)


# --- which process ----------------------------------------------------------------------------------------------------


def this_process() -> str:
    """This process: host, number, and when it began, as far as the system tells."""
    return "{} {} {}".format(platform.node()[:150].replace(" ", "_"), os.getpid(), _began(os.getpid()))


def _began(pid: int) -> str:
    """What the kernel says of when the process began, or "": in each container the numbers begin anew."""
    try:
        with open("/proc/{}/stat".format(pid), "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        with open("/proc/sys/kernel/random/boot_id", "rb") as file:
            boot = file.read(36)
    except OSError:  # not Linux, or no such process
        return ""
    return "" if fields[0] == b"Z" else "{}-{}".format(fields[19].decode("ascii"), boot.decode("ascii"))


def _is_alive(process: str, silent: timedelta) -> bool:
    host, pid, began = (process.split(" ") + ["", "", ""])[:3]
    if host != this_process().split(" ")[0] or os.name != "posix" or not pid.isdecimal():
        return silent < _SILENCE
    if began:
        return _began(int(pid)) == began
    try:
        os.kill(int(pid), 0)  # on Windows it would end the process
    except ProcessLookupError:
        return False
    except OSError:  # it is there, and someone else's
        pass
    return silent < _SILENCE
