"""The scheduler: due times as values; runs, limits and signals with real processes."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import timetable
from crawler.commands.scheduling import Reload
from crawler.due import overdue, trigger
from crawler.schedule import Scheduler, only_one
from spiders.errors import SourceError
from spiders.source import Source
from storage.errors import ArchiveBusyError
from storage.lock import FileLock

ROOT = Path(__file__).parent.parent
DEADLINE_S = 30.0

PROGRAM = """
import json, logging, sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from crawler.schedule import Scheduler
from spiders.source import Source

plan = json.loads(sys.argv[1])
logging.basicConfig(level=logging.INFO, format="%(message)s")
logging.getLogger("apscheduler").setLevel(logging.WARNING)
now = datetime.now(UTC)
ages = plan["ages_s"]

def last_finished(name):
    if (Path(plan["folder"]) / f"{name}.finished").exists():
        return datetime.now(UTC)
    return None if ages[name] is None else now - timedelta(seconds=ages[name])

def command(source):
    code = plan["codes"][source.name]
    if code is None:
        return [plan["folder"] + "/no-such-program"]
    return [sys.executable, "-c", code, source.name, plan["folder"]]

hours = tuple(tuple(map(time.fromisoformat, window)) for window in plan["hours"])

Scheduler(
    [
        Source(
            name=name,
            publisher="P",
            schedule=plan["schedules"].get(name, "every 30m"),
            hosts=plan["hosts"].get(name, ()),
            hours=hours,
            timezone="UTC",
        )
        for name in ages
    ],
    command=command,
    last_finished=last_finished,
    archive=Path(plan["folder"]) / "archive.db",
    **plan["options"],
).run()
"""

# A run that says where it is by files, and ends when told to: sys.argv is [-c, name, folder].
BEGIN = "import sys, pathlib; name, folder = sys.argv[1], pathlib.Path(sys.argv[2]); "
NOTE = BEGIN + "open(folder / 'ran', 'a').write(name + ' ')"
UNTIL_TOLD = (
    BEGIN
    + """
import time
(folder / f"{name}.began").touch()
end = time.monotonic() + 60
while not (folder / f"{name}.go").exists() and time.monotonic() < end:
    time.sleep(0.02)
"""
)
POLITE = (
    BEGIN
    + """
import signal
def end(number, frame):
    (folder / f"{name}.asked").touch()
    sys.exit(3)
signal.signal(signal.SIGTERM, end)
(folder / f"{name}.began").touch()
signal.sigtimedwait([signal.SIGUSR1], 60)
"""
)
# Ignores the request to end, and so does the worker that it started; both hold a lock while they live.
STUBBORN = (
    BEGIN
    + """
import fcntl, os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
held = open(folder / "alive", "a")
fcntl.flock(held, fcntl.LOCK_SH)
os.fork()
(folder / f"{name}.began").touch()
signal.sigtimedwait([signal.SIGUSR1], 60)
"""
)


def source(schedule: str, timezone: str = "Asia/Shanghai") -> Source:
    return Source(name="cn_example", publisher="Example", schedule=schedule, timezone=timezone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "timezone", "after", "due"),
    [
        ("20 */6 * * *", "Asia/Shanghai", "2026-11-20 00:00", "2026-11-20 04:20"),
        ("0 9 * * mon-fri", "Asia/Shanghai", "2026-11-20 02:00", "2026-11-23 01:00"),
        ("0 9 * * sun,wed", "Asia/Shanghai", "2026-11-20 02:00", "2026-11-22 01:00"),
        ("30 1 * * *", "Europe/London", "2026-03-28 12:00", "2026-03-29 01:30"),
        ("0 12 * * *", "Europe/London", "2026-07-01 00:00", "2026-07-01 11:00"),
    ],
)
def test_cron_due_times_are_in_the_zone_of_the_source(schedule: str, timezone: str, after: str, due: str) -> None:
    when = trigger(source(schedule, timezone)).get_next_fire_time(None, utc(after))
    assert when.astimezone(UTC) == utc(due)


@pytest.mark.parametrize(("schedule", "minutes"), [("every 30m", 30), ("every 6h", 360), ("every 2d", 2880)])
def test_intervals_count_from_the_last_run(schedule: str, minutes: int) -> None:
    since = utc("2026-11-20 10:00")
    when = trigger(source(schedule), since=since)
    assert when.get_next_fire_time(None, since) == since + timedelta(minutes=minutes)


def test_interval_over_a_clock_change_keeps_its_length() -> None:
    since = utc("2026-03-28 23:00")
    when = trigger(source("every 6h", "Europe/London"), since=since)
    assert when.get_next_fire_time(None, since).astimezone(UTC) == utc("2026-03-29 05:00")


@settings(max_examples=30)
@given(schedule=st.sampled_from(["every 30m", "20 */6 * * *"]), minutes=st.integers(0, 3_000))
def test_jitter_only_adds(schedule: str, minutes: int) -> None:
    now = utc("2026-11-20 00:00") + timedelta(minutes=minutes)
    plain, late = trigger(source(schedule), since=now), trigger(source(schedule), since=now, jitter_s=600)
    delay = late.get_next_fire_time(None, now) - plain.get_next_fire_time(None, now)
    assert timedelta(0) <= delay <= timedelta(minutes=10)


@pytest.mark.parametrize("schedule", ["often", "every 0h", "every h", "61 * * * *", "* * * *", "0 0 * * sun-tue", ""])
def test_unreadable_schedule_names_the_source(schedule: str) -> None:
    with pytest.raises(SourceError, match="cn_example"):
        trigger(source(schedule))


@pytest.mark.parametrize(
    ("schedule", "last", "now", "expected"),
    [
        ("every 6h", None, "2026-11-20 10:00", True),
        ("every 6h", "2026-11-20 04:00", "2026-11-20 10:00", True),
        ("every 6h", "2026-11-20 04:01", "2026-11-20 10:00", False),
        ("every 6h", "2026-10-01 00:00", "2026-11-20 10:00", True),
        ("20 */6 * * *", "2026-11-20 04:25", "2026-11-20 10:19", False),
        ("20 */6 * * *", "2026-11-20 04:25", "2026-11-20 10:20", True),
        ("0 9 * * mon", "2026-11-16 01:30", "2026-11-22 23:00", False),
        ("0 0 31 2 *", "2026-11-16 01:30", "2036-11-22 23:00", False),
        ("every 6h", "2031-01-01 00:00", "2026-11-20 10:00", True),
    ],
)
def test_overdue(schedule: str, last: str | None, now: str, expected: bool) -> None:
    assert overdue(source(schedule), None if last is None else utc(last), utc(now)) is expected


@settings(max_examples=50)
@given(
    schedule=st.sampled_from(["every 30m", "every 2d", "20 */6 * * *", "0 9 * * mon-fri", "30 2 29 * *"]),
    timezone=st.sampled_from(["Asia/Shanghai", "Europe/London", "America/New_York"]),
    last_h=st.integers(0, 20_000),
    waited_h=st.integers(0, 2_000),
    more_h=st.integers(0, 2_000),
)
def test_what_is_overdue_stays_overdue(schedule: str, timezone: str, last_h: int, waited_h: int, more_h: int) -> None:
    last = utc("2024-01-01 00:00") + timedelta(hours=last_h)
    now = last + timedelta(hours=waited_h)
    one = source(schedule, timezone)
    assert not overdue(one, last, now) or overdue(one, last, now + timedelta(hours=more_h))


class Running:
    """A scheduler in a process of its own, watched through its log."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.process = process

    @property
    def log(self) -> list[str]:
        return (self.folder / "log").read_text("utf-8").splitlines()

    def count(self, words: str) -> int:
        return sum(words in line for line in self.log)

    def await_line(self, words: str, times: int = 1) -> str:
        self.wait(lambda: self.count(words) >= times, words)
        return next(line for line in self.log if words in line)

    def await_file(self, name: str) -> None:
        self.wait(lambda: (self.folder / name).exists(), name)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        wait(condition, lambda: f"{what} never came:\n" + "\n".join(self.log))

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)


def wait(condition: Callable[[], bool], problem: Callable[[], str]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, problem()
        time.sleep(0.02)


@contextmanager
def scheduler(
    folder: Path,
    code: str | dict[str, str | None],
    ages_s: dict[str, float | None],
    schedules: dict[str, str] | None = None,
    *,
    hosts: dict[str, tuple[str, ...]] | None = None,
    hours: tuple[tuple[str, str], ...] = (),
    **options: float,
) -> Iterator[Running]:
    """Start a scheduler; ``ages_s``: seconds since the last finished run of each source."""
    plan = {
        "codes": code if isinstance(code, dict) else dict.fromkeys(ages_s, code),
        "ages_s": ages_s,
        "schedules": schedules or {},
        "hosts": hosts or {},
        "hours": hours,
        "folder": str(folder),
        "options": options,
    }
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, json.dumps(plan)],
            cwd=ROOT,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield Running(folder, process)
    finally:
        for name in ages_s:
            (folder / f"{name}.go").touch()
        process.terminate()
        try:
            process.wait(DEADLINE_S)
        finally:
            process.kill()


def test_overdue_source_runs_once_at_the_start(tmp_path: Path) -> None:
    ages = {"late": 10 * 86_400.0, "new": None, "fresh": 60.0}
    with scheduler(tmp_path, NOTE, ages) as running:
        running.await_line("ends", times=2)
        assert running.stop() == 0
        assert sorted((tmp_path / "ran").read_text().split()) == ["late", "new"]
        assert running.count("fresh") == 0


def test_log_names_exit_code_and_next_due_time(tmp_path: Path) -> None:
    with scheduler(tmp_path, "raise SystemExit(7)", {"one": None}) as running:
        line = running.await_line("run of one ends")
        assert "exit code 7" in line
        due = datetime.fromisoformat(line.rpartition("next due ")[2])
        assert timedelta(minutes=25) < due - datetime.now(UTC) <= timedelta(minutes=30)


def test_due_time_that_comes_later_runs(tmp_path: Path) -> None:
    with scheduler(tmp_path, NOTE, {"soon": 30 * 60 - 3.0}) as running:
        running.await_line("scheduler ready")
        assert running.count("starts") == 0
        running.await_line("run of soon ends: exit code 0")


def test_unreadable_schedule_leaves_the_others_running(tmp_path: Path) -> None:
    with scheduler(tmp_path, NOTE, {"bad": None, "good": None}, {"bad": "now and then"}) as running:
        running.await_line("run of good ends")
        assert "bad" in running.await_line("left out")


def test_program_that_cannot_start_is_said_and_survived(tmp_path: Path) -> None:
    with scheduler(tmp_path, {"one": None, "two": NOTE}, {"one": None, "two": None}) as running:
        running.await_line("run of one could not start")
        running.await_line("run of two ends: exit code 0")


def test_no_more_runs_at_once_than_allowed(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d"]
    with scheduler(tmp_path, UNTIL_TOLD, dict.fromkeys(names), max_runs=2) as running:
        running.await_line("starts", times=2)
        for name in names:
            (tmp_path / f"{name}.go").touch()
        running.await_line("ends", times=4)
        at_once, most = 0, 0
        for line in running.log:
            at_once += ("starts" in line) - ("ends" in line)
            most = max(most, at_once)
        assert most == 2


def test_no_two_runs_at_once_on_one_host(tmp_path: Path) -> None:
    hosts = {"a": ("one.example", "files.example"), "b": ("files.example",), "c": ("three.example",)}
    with scheduler(tmp_path, UNTIL_TOLD, dict.fromkeys(hosts), hosts=hosts, max_runs=3) as running:
        running.await_file("c.began")
        running.await_file("a.began")
        # What is kept from its host keeps no place from the others.
        told = timetable.read(tmp_path / "archive.db")
        assert told is not None
        states = {entry.source: (entry.state, entry.waits_for) for entry in told.entries}
        assert states["b"] == ("waiting", "another run to be done with files.example")
        assert (states["a"][0], states["c"][0]) == ("running", "running")
        assert not (tmp_path / "b.began").exists()
        for name in hosts:
            (tmp_path / f"{name}.go").touch()
        running.await_line("ends", times=3)
        assert running.log.index(running.await_line("run of a ends")) < running.log.index(
            running.await_line("run of b starts")
        )


# Killed the first time, well the second.
UNLUCKY = (
    BEGIN
    + """
import os, signal
if not (folder / f"{name}.began").exists():
    (folder / f"{name}.began").touch()
    os.kill(os.getpid(), signal.SIGKILL)
(folder / f"{name}.finished").touch()
"""
)


def test_interrupted_run_is_made_good_once(tmp_path: Path) -> None:
    with scheduler(tmp_path, UNLUCKY, {"one": None}, again_s=0.2) as running:
        assert "interrupted, again in 0 s" in running.await_line("run of one ends: exit code -9")
        assert "next due" in running.await_line("run of one ends: exit code 0")
        assert running.stop() == 0
        assert running.count("starts") == 2


def test_interrupted_run_whose_work_is_done_is_not_repeated(tmp_path: Path) -> None:
    killed_late = UNLUCKY.replace("    os.kill", "    (folder / f'{name}.finished').touch(); os.kill")
    with scheduler(tmp_path, killed_late, {"one": None}, again_s=0.0) as running:
        assert "next due" in running.await_line("run of one ends: exit code -9")
        assert running.stop() == 0
        assert running.count("starts") == 1


def test_failed_run_waits_for_its_next_due_time(tmp_path: Path) -> None:
    with scheduler(tmp_path, "raise SystemExit(1)", {"one": None}, again_s=0.0) as running:
        assert "next due" in running.await_line("run of one ends: exit code 1")
        assert running.stop() == 0
        assert running.count("starts") == 1


def test_what_another_process_crawls_is_left_to_it(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    locks = [FileLock(archive, "run-done"), FileLock(archive, "run-lost")]
    assert all(lock.acquire(wait=False) for lock in locks)
    with scheduler(tmp_path, NOTE, {"done": None, "lost": None}) as running:
        running.await_line("scheduler ready")
        running.wait(lambda: crawled_elsewhere(archive) == {"done", "lost"}, "a source that waits for it")
        (tmp_path / "done.finished").touch()
        for lock in locks:
            lock.release()
        # What it did is not done again; what it left is.
        running.await_line("run of lost ends")
        assert running.stop() == 0
        assert running.count("run of done starts") == 0


def crawled_elsewhere(archive: Path) -> set[str]:
    told = timetable.read(archive)
    return {entry.source for entry in told.entries if "crawls it already" in entry.waits_for} if told else set()


def test_outside_its_hours_nothing_starts(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    later = tuple(f"{now + timedelta(hours=hours):%H:%M}" for hours in (2, 3))
    with scheduler(tmp_path, NOTE, {"one": None}, hours=((later[0], later[1]),)) as running:
        running.await_line("scheduler ready")
        told = timetable.read(tmp_path / "archive.db")
        assert told is not None and [entry.waits_for for entry in told.entries] == ["its hours"]
        assert running.stop() == 0
        assert running.count("starts") == 0


# The limit is set from outside, a moment after the process begins; a crawl takes memory much later than this does.
ONCE_LIMITED = """
import resource, time
while resource.getrlimit(resource.RLIMIT_DATA)[0] == resource.RLIM_INFINITY:
    time.sleep(0.001)
"""


def test_a_run_has_no_more_memory_than_it_is_given(tmp_path: Path) -> None:
    codes: dict[str, str | None] = {
        "much": f"{ONCE_LIMITED}bytearray(600 << 20)",
        "little": f"{ONCE_LIMITED}bytearray(60 << 20)",
    }
    with scheduler(tmp_path, codes, dict.fromkeys(codes), memory_bytes=256 << 20) as running:
        assert "exit code 1" in running.await_line("run of much ends")
        assert "exit code 0" in running.await_line("run of little ends")
        assert running.count("MemoryError") == 1


def test_others_are_told_what_is_in_hand(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    assert timetable.read(archive) is None
    with scheduler(tmp_path, {"one": UNTIL_TOLD, "bad": "raise SystemExit(7)"}, {"one": None, "bad": None}) as running:
        running.await_file("one.began")
        running.await_line("run of bad ends")
        told = timetable.read(archive)
        assert told is not None and told.pid == running.process.pid
        bad, one = told.entries
        assert (one.source, one.state) == ("one", "running")
        assert one.pid and f"process {one.pid}" in running.await_line("run of one starts")
        assert one.due_at is not None and one.due_at > datetime.now(UTC)
        assert (bad.state, bad.last_code, bad.interrupted) == ("planned", 7, 0)
        (tmp_path / "one.go").touch()
        running.stop()
    assert timetable.read(archive) is None


def test_run_over_its_limit_is_killed_with_its_workers(tmp_path: Path) -> None:
    with scheduler(tmp_path, STUBBORN, {"one": None}, limit_s=3.0, grace_s=0.2) as running:
        running.await_file("one.began")
        assert "exit code -9" in running.await_line("run of one ends")
        assert running.count("over its limit") == 1
        with (tmp_path / "alive").open("a") as alive:
            wait(lambda: free(alive.fileno()), lambda: "a worker of the killed run lives on")


def free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_runs_and_starts_none(tmp_path: Path, number: int) -> None:
    with scheduler(tmp_path, POLITE, {"one": None, "two": None}, max_runs=1) as running:
        running.await_line("starts")
        running.wait(lambda: any(tmp_path.glob("*.began")), "a run that began")
        assert running.stop(number) == 0
        assert len(list(tmp_path.glob("*.asked"))) == 1
        assert running.count("starts") == 1
        assert running.count("exit code 3") == 1


def test_signal_kills_what_does_not_end(tmp_path: Path) -> None:
    with scheduler(tmp_path, STUBBORN, {"one": None}, grace_s=0.2) as running:
        running.await_file("one.began")
        assert running.stop() == 0
        assert running.count("exit code -9") == 1


def test_second_scheduler_is_refused(tmp_path: Path) -> None:
    with scheduler(tmp_path, NOTE, {"one": 0.0}) as running:
        running.await_line("scheduler ready")
        held = only_one(tmp_path / "archive.db")
        with pytest.raises(ArchiveBusyError, match="another scheduler"), held:
            pass
        running.stop()
    with only_one(tmp_path / "archive.db"):
        pass


def test_killed_scheduler_leaves_no_lock_though_its_run_goes_on(tmp_path: Path) -> None:
    with scheduler(tmp_path, UNTIL_TOLD, {"one": None}) as running:
        running.await_file("one.began")
        running.stop(signal.SIGKILL)
        with only_one(tmp_path / "archive.db"):
            assert running.count("ends") == 0


def test_sources_are_read_again(tmp_path: Path) -> None:
    one = Source(name="xx_one", publisher="t", schedule="every 6h")
    now = [one, Source(name="xx_two", publisher="t", schedule="every 6h")]
    planned = Scheduler(
        list(now),
        command=lambda source: [],
        last_finished=lambda name: datetime.now(UTC),
        archive=tmp_path / "a.db",
        reload=lambda: list(now),
    )
    planned._plan(datetime.now(UTC))
    before = planned._jobs.get_job("xx_one").trigger
    now[:] = [one, Source(name="xx_three", publisher="t", schedule="every 2h")]
    planned._read_sources()
    assert {job.id for job in planned._jobs.get_jobs()} == {"xx_one", "xx_three"}
    assert planned._jobs.get_job("xx_one").trigger is before


def test_a_file_that_breaks_meanwhile_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good = 'publisher = "t"\nurls = ["https://a.example/"]\n'
    for name in ("xx_one", "xx_two"):
        (tmp_path / f"{name}.toml").write_text(good)
    reload = Reload(tmp_path, (), told=())
    assert [source.name for source in reload()] == ["xx_one", "xx_two"]
    (tmp_path / "xx_one.toml").write_text(good + "delay = [[[")
    assert [[source.name for source in reload()] for _ in range(3)] == [["xx_two"]] * 3
    assert [record.message.count("xx_one.toml:3") for record in caplog.records] == [1]
    (tmp_path / "xx_one.toml").write_text(good)
    assert len(reload()) == 2
    (tmp_path / "xx_one.toml").write_text(good + "delay = [[[")
    reload()
    assert len(caplog.records) == 2


def test_a_clock_that_is_set_back_does_not_stop_it(tmp_path: Path) -> None:
    finished_at = datetime.now(UTC)
    planned = Scheduler(
        [Source(name="xx_one", publisher="t", schedule="every 6h")],
        command=lambda source: [],
        last_finished=lambda name: finished_at,
        archive=tmp_path / "a.db",
    )
    planned._jobs.start(paused=True)
    try:
        planned._plan(datetime.now(UTC))
        started = planned._jobs.get_job("xx_one").trigger.start_date
        wall, monotonic = planned._clocks
        planned._wake(wall + 60, monotonic + 60)
        assert planned._jobs.get_job("xx_one").trigger.start_date == started
        assert not planned._waiting
        # A year back: the last run lies in the future, and the next would be due a year late.
        planned._wake(wall + 120 - 365 * 86_400, monotonic + 120)
        assert list(planned._waiting) == ["xx_one"]
        assert started - planned._jobs.get_job("xx_one").trigger.start_date > timedelta(days=364)
    finally:
        planned._jobs.shutdown()
