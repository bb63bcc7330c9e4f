"""The drop folder: files appear in it and become customers; nothing is lost, nothing applied twice.

- `run(folder, settings, database)` works off what is there and ends, `watch` goes on;
- `status` says what is where and why, `retry` tries quarantined files again.

How it is made, bottom up: `complete` and `busy` tell whether a file is whole and whether someone
writes it, `arrivals` which files are ready, `mapping` what sub-folders mean, `folder` moves files
and knows which runs live, `claims` takes files, `commit` and `feeds` apply them, `trouble` tells
what may pass from what lasts, `engine` puts these in order, `loop` turns it, `standing` reports.
Tests: ``tests/inbox``; killed at random moments: ``scripts/crash_test.py``.
"""

from __future__ import annotations

from idp_cdi.inbox.loop import Pace, run, watch
from idp_cdi.inbox.report import Report
from idp_cdi.inbox.standing import Standing, retry, status

__all__ = ["Pace", "Report", "Standing", "retry", "run", "status", "watch"]
