"""The ways in which drop folders are known to lose files, each by its name."""

# ruff: noqa: F811 - fixtures are asked for by the name under which they are imported
from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from inbox_road import road  # noqa: F401 - a fixture

from idp_cdi.errors import StoreBusy, UsageError
from idp_cdi.inbox import Pace, retry, run, status, watch
from idp_cdi.inbox.folder import Run, check
from idp_cdi.inbox.trouble import has_room
from idp_cdi.store import documents, intake, questions
from idp_cdi.store.originals import Originals

QUICK = Pace(settle_s=0.05, patience_s=0.2, poll_s=0.2, reconcile_s=0.5, give_up_s=5.0)


def test_files_become_done_and_a_second_run_does_nothing(road):
    road.drop("b.txt")
    road.drop("sub/a.txt")
    report = road.run()
    assert (report.done, report.exit_code, road.left()) == (2, 0, set())
    assert road.put_away("done") == {"a.txt", "b.txt"}
    assert road.read == ["b.txt", "a.txt"]
    assert road.run().files == 0


def test_a_document_bears_the_name_that_its_owner_knows(road):
    road.drop("sub/a.txt")
    road.run()
    with road.database.reading() as connection:
        (name,) = documents.names(connection, [_sha("text of sub/a.txt\n")]).values()
    assert name == f"{road.folder}/sub/a.txt"


def test_originals_are_kept_by_hash(road):
    road.drop("a.txt", "hello")
    road.run()
    kept = Originals(road.settings.originals).path(_sha("hello"))
    assert kept.read_text() == "hello"
    assert not kept.stat().st_mode & 0o222


def test_duplicate_left_in_place(road):
    road.drop("a.txt", "same")
    road.run()
    road.drop("b.txt", "same")
    report = road.run()
    assert (report.linked, report.exit_code, road.left()) == (1, 0, set())
    assert report.duplicates[0].first.endswith("a.txt")
    assert road.read == ["a.txt"]


def test_the_same_bytes_twice_at_once_are_applied_once(road):
    road.drop("a.txt", "same")
    road.drop("b.txt", "same")
    report = road.run()
    assert (report.done, report.linked, report.documents) == (1, 1, 1)


def test_slow_writer(road):
    path = road.folder / "a.txt"
    report: list[object] = []
    with path.open("w") as file:
        file.write("first half")
        file.flush()
        then = time.time() - 3600
        os.utime(path, (then, then))  # it has not grown for an hour, and is still being written
        stop = threading.Event()
        thread = threading.Thread(target=lambda: report.append(road.run(stop=stop)))
        thread.start()
        time.sleep(0.5)
        assert road.left() == {"a.txt"}
        file.write(", second half")
    thread.join(20)
    assert report[0].done == 1
    assert Originals(road.settings.originals).path(_sha("first half, second half"))


def test_incomplete_copy(road):
    path = road.drop("a.pdf", b"%PDF-1.7\n" + b"x" * 99, age=0.0)
    threading.Timer(0.1, lambda: path.write_bytes(b"%PDF-1.7\n" + b"x" * 99 + b"\n%%EOF\n")).start()
    assert road.run().done == 1
    assert any(p.read_bytes().endswith(b"%%EOF\n") for p in road.folder.rglob("a.pdf"))


def test_a_file_that_stays_incomplete_ends_with_a_reason(road):
    road.drop("a.pdf", b"%PDF-1.7\nbroken")
    road.bad["a.pdf"] = "pdf.broken"
    report = road.run()
    assert (report.quarantined, report.exit_code) == (1, 3)


def test_partial_download_names_are_ignored(road):
    for name in ("a.pdf.part", "~$b.docx", ".hidden", "c.crdownload", "d.tmp"):
        road.drop(name)
    assert road.run().files == 0
    assert len(road.left()) == 5


def test_folder_moved_in(road, tmp_path):
    outside = tmp_path / "outside" / "deep"
    outside.mkdir(parents=True)
    for i in range(3):
        (outside / f"{i}.txt").write_text(f"number {i}")
    (tmp_path / "outside").rename(road.folder / "moved")
    assert road.run().done == 3


def test_links_and_special_files_are_left_and_said(road, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (road.folder / "link.txt").symlink_to(secret)
    (road.folder / "folder").symlink_to(tmp_path)
    os.mkfifo(road.folder / "pipe")
    report = road.run()
    assert report.files == 0
    assert set(report.waiting) == {"link.txt", "folder", "pipe"}
    assert report.exit_code == 1
    assert secret.exists()


def test_endless_loop_through_an_output_inside_the_input(road, tmp_path):
    road.drop("a.txt")
    road.bad["b.txt"] = "pdf.broken"
    road.drop("b.txt")
    road.run()
    assert road.run().files == 0
    assert road.read == ["a.txt", "b.txt"]
    inside = replace(road.settings, home=road.folder / "home")
    with pytest.raises(UsageError, match="holds our own data"):
        run(road.folder, inside, road.database)


def test_folders_that_must_not_be_eaten_are_refused(tmp_path):
    home = tmp_path / "home"
    (home / "in").mkdir(parents=True)
    for folder in (Path.cwd(), Path(sys.prefix), home, home / "in", Path("/")):
        with pytest.raises(UsageError):
            check(folder, home)
    with pytest.raises(UsageError):
        check(tmp_path / "nothing", home)


def test_failure_without_trace(road):
    road.drop("a.txt")
    road.bad["a.txt"] = "pdf.encrypted"
    report = road.run()
    assert report.failures[0].code == "pdf.encrypted"
    (reason,) = (road.folder / "quarantine").rglob("*.reason.json")
    said = json.loads(reason.read_text())
    assert (said["code"], said["step"], said["action"]) == ("pdf.encrypted", "read", "mend it")
    assert (reason.parent / "a.txt").exists()
    with road.database.reading() as connection:
        (item,) = questions.items(connection)
    assert item.kind == "unreadable"
    standing = status(road.folder, road.database)
    assert [e.code for e in standing.quarantined] == ["pdf.encrypted"]


def test_a_mended_file_is_retried_and_leaves_no_reason_behind(road):
    road.drop("a.txt")
    road.bad["a.txt"] = "pdf.encrypted"
    road.run()
    road.bad.clear()
    with pytest.raises(UsageError):
        retry(road.folder, road.database, names=["b.txt"])
    assert retry(road.folder, road.database, names=["pdf.encrypted"]) == ["a.txt"]
    assert road.run().done == 1
    assert road.put_away("quarantine") == set()
    assert road.states() == {"a.txt": "done"}


def test_mail_deleted_before_its_attachment_succeeded(road):
    road.drop("mail.eml")
    road.parts["mail.eml"] = ["one.pdf", "two.pdf"]
    road.bad["two.pdf"] = "pdf.broken"
    report = road.run()
    assert (report.done, report.quarantined, report.documents) == (0, 1, 2)
    assert report.failures[0].reason.startswith("two.pdf: ")
    road.bad.clear()
    retry(road.folder, road.database)
    report = road.run()
    assert (report.done, report.documents) == (1, 1)  # only what was missing


def test_two_files_of_one_name_both_stay(road):
    for i in range(3):
        road.drop("a.txt", f"version {i}")
        road.run()
    assert road.put_away("done") == {"a.txt", "a (2).txt", "a (3).txt"}


ODD = [b"a\nb.txt", b"\xff\xfe.txt", b"-rf.txt", b"x" * 255, "é\u202etxt".encode()]


@pytest.mark.parametrize("name", ODD)
def test_odd_names(road, name):
    path = road.folder / os.fsdecode(name)
    path.write_bytes(b"odd")
    os.utime(path, (1, 1))
    assert road.run().done == 1
    assert not road.left()


def test_a_crash_of_one_step_for_one_file_does_not_stop_the_others(road, monkeypatch):
    from idp_cdi.steps import apply

    whole = apply.log_batch

    def spoiled(connection, settings, batch):
        if any("b.txt" in item.name for item in batch):
            raise RuntimeError("a bug")
        return whole(connection, settings, batch)

    monkeypatch.setattr(apply, "log_batch", spoiled)
    for name in ("a.txt", "b.txt", "c.txt"):
        road.drop(name)
    report = road.run()
    assert (report.done, report.quarantined) == (2, 1)
    assert report.failures[0].code == "apply.failed"


def test_a_file_that_may_only_have_had_bad_luck_is_tried_again(road, monkeypatch):
    monkeypatch.setattr("idp_cdi.inbox.engine.LADDER", (0.1, 0.1))
    road.drop("a.txt")
    road.bad["a.txt"] = "input.memory"
    whole = road.understand

    def lucky(paths, settings, **more):
        yield from whole(paths, settings, **more)
        road.bad.clear()

    monkeypatch.setattr("idp_cdi.steps.understand.understand_many", lucky)
    assert road.run().done == 1
    assert road.read == ["a.txt", "a.txt"]


def test_restart_in_the_middle(road, monkeypatch):
    """Killed after each step in turn; each time the next run ends what was begun."""
    steps = ["claim", "keep", "commit", "move"]
    for number, step in enumerate(steps):
        road.drop(f"{number}.txt")
        with monkeypatch.context() as patch:
            _die_after(patch, step)
            with pytest.raises(_KilledError):
                road.run()
        report = road.run()
        assert report.files == 1, step
        assert road.states()[f"{number}.txt"] == "done"
        assert not road.left()
    assert len(road.put_away("done")) == len(steps)
    assert not list((road.folder / ".idp-cdi" / "work").iterdir())
    with road.database.reading() as connection:
        assert questions.counts(connection) == {}


class _KilledError(BaseException):
    """Stands for SIGKILL: nothing catches it."""


def _die_after(patch, step):
    from idp_cdi.inbox import claims, engine

    where = {
        "claim": (claims, "claim"),
        "keep": (claims, "keep"),
        "commit": (engine, "commit"),
        "move": (Run, "put_away"),
    }[step]
    whole = getattr(*where)

    def dying(*args, **more):
        whole(*args, **more)
        raise _KilledError

    patch.setattr(*where, dying)


def test_a_busy_database_is_waited_for(road):
    road.drop("a.txt")
    path = road.database.path
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    import fcntl

    lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)

    def free():
        other.execute("ROLLBACK")
        other.close()
        os.close(lock)

    timer = threading.Timer(1.0, free)
    timer.start()
    report = road.run()
    timer.join()
    assert (report.done, report.paused) == (1, "")


def test_a_database_that_stays_busy_ends_a_run_and_loses_nothing(road, monkeypatch):
    import fcntl

    road.drop("a.txt")
    lock = os.open(f"{road.database.path}.lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(StoreBusy):
        run(road.folder, road.settings, road.database, pace=Pace(0.05, 0.2, give_up_s=0.1))
    os.close(lock)
    assert road.left() == {"a.txt"}
    assert road.run().done == 1


def test_two_watchers_on_one_folder(road):
    for i in range(30):
        road.drop(f"{i:02}.txt")
    stop = threading.Event()
    reports = []

    def one():
        reports.append(watch(road.folder, road.settings, road.database, pace=QUICK, stop=stop))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while len(road.put_away("done")) < 30 and time.monotonic() < deadline:
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert sum(r.done for r in reports) == 30
    assert sorted(road.read) == [f"{i:02}.txt" for i in range(30)]
    assert set(road.states().values()) == {"done"}


def test_a_watcher_takes_what_comes_later_and_drains_when_stopped(road):
    stop = threading.Event()
    reports = []
    thread = threading.Thread(
        target=lambda: reports.append(
            watch(road.folder, road.settings, road.database, pace=QUICK, stop=stop)
        )
    )
    thread.start()
    time.sleep(0.5)
    (road.folder / "later.txt").write_text("later")
    deadline = time.monotonic() + 20
    while not road.put_away("done") and time.monotonic() < deadline:
        time.sleep(0.05)
    begin = time.monotonic()
    stop.set()
    thread.join(20)
    assert time.monotonic() - begin < 10
    assert reports[0].done == 1


def test_a_dead_watcher_is_adopted_by_a_living_one(road):
    road.drop("a.txt")
    dead = Run(road.folder.resolve())
    with road.database.writing() as connection:
        (entry,) = intake.claim(
            connection, str(dead.folder), dead.name, [intake.New("a.txt", "document", 1)]
        )
    dead.take(road.folder / "a.txt", entry.id)
    assert road.run().files == 0  # it lives
    os.close(dead._lock)
    assert road.run().done == 1


def test_a_claimed_file_that_this_store_does_not_know_is_put_back(road):
    place = road.folder / ".idp-cdi" / "work" / "20260101T000000-1-abc" / "7"
    place.mkdir(parents=True)
    (place / "a.txt").write_text("lost")
    assert road.run().done == 1


def test_sub_folders_mean_what_the_mapping_says(road, monkeypatch):
    road.drop("inbox.yaml", "folders:\n  c: {type: contract}\n  acme: {tenant: acme}\n")
    road.drop("c/a.txt")
    road.drop("acme/b.txt")
    report = road.run()
    assert report.done == 2
    assert road.left() == {"inbox.yaml"}
    from idp_cdi.store import open_store

    tenant = open_store(f"sqlite:///{road.settings.home}/tenants/acme/customers.db")
    with tenant.reading() as connection:
        assert documents.names(connection, [_sha("text of acme/b.txt\n")])
        found = documents.latest_extraction(connection, _sha("text of c/a.txt\n"))
        assert found is None
    tenant.close()
    with road.database.reading() as connection:
        assert documents.latest_extraction(connection, _sha("text of c/a.txt\n")).type == "contract"
        assert not documents.names(connection, [_sha("text of acme/b.txt\n")])


def test_full_disk_pauses_and_resumes(road, monkeypatch):
    """The small form; ``scripts/crash_test.py --disk`` does it on a real, small file system."""
    full = threading.Event()
    full.set()
    whole = Originals.keep

    def keep(self, content):
        if full.is_set():
            raise OSError(28, "No space left on device")
        return whole(self, content)

    monkeypatch.setattr(Originals, "keep", keep)
    road.drop("a.txt")
    timer = threading.Timer(0.6, full.clear)
    timer.start()
    report = road.run()
    timer.join()
    assert (report.done, report.paused, road.left()) == (1, "", set())


def test_room_is_looked_for_where_the_folder_will_be(tmp_path):
    assert has_room([tmp_path / "not" / "yet"])
    assert not has_room([tmp_path], reserve=1 << 60)


@pytest.mark.slow
def test_sigterm_drains_and_the_command_tells_how_it_stands(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    command = [sys.executable, "-m", "idp_cdi.cli.main", "--home", str(tmp_path / "home"), "inbox"]
    begin = subprocess.Popen(
        [*command, "watch", str(folder)], stderr=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert begin.stderr is not None
    assert "watching" in begin.stderr.readline()
    begin.terminate()
    assert begin.wait(15) == 0
    begin.stderr.close()
    shown = subprocess.run(
        [*command, "status", str(folder), "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(shown.stdout)["left"] == 0


def _sha(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()


def test_a_feed_dropped_again_is_known_and_one_without_rows_says_so(road):
    rows = "id,company,email\n1,Acme GmbH,a@b.example\n2,Brandt AG,c@d.example\n"
    road.drop("crm.csv", rows)
    first = road.run()
    assert (first.done, first.linked, first.rows, first.rows_new) == (1, 0, 2, 2)
    road.drop("crm.csv", rows)
    again = road.run()
    assert (again.done, again.linked, again.rows_new) == (0, 1, 0)
    assert again.duplicates[0].first == "crm.csv"
    road.drop("crm.csv", rows.replace("Brandt", "Brand"))
    changed = road.run()
    assert (changed.done, changed.linked, changed.rows_new) == (1, 0, 1)
    road.drop("crm.csv", rows)  # known bytes that bring a value back are news
    assert (road.run().done, road.run().files) == (1, 0)
    road.drop("none.csv", "id,company,email\n")
    empty = road.run()
    assert (empty.done, empty.empty, empty.exit_code) == (1, ["none.csv"], 0)
