"""Settings: defaults, file, environment and flags in their order, and what a file may not say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from idp_cdi.errors import SettingsError
from idp_cdi.settings import FILE_NAME, Settings, Source, load

FULL = """
[organisation]
names = ["Nordwind GmbH"]
[reading]
effort = "fast"
workers = 1
deadline_s = 20
[matching]
link = 0.9
[sources.crm]
trust = 0.8
fields = { phone = 0.5 }
[thresholds]
total = 0.95
"""


def written(folder: Path, text: str) -> Path:
    path = folder / FILE_NAME
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_what_is_in_force(tmp_path):
    found = load(file=written(tmp_path, FULL), home=tmp_path, environment={})
    assert found.organisation.names == ("Nordwind GmbH",)
    assert (found.reading.effort, found.reading.workers, found.reading.deadline_s) == (
        "fast",
        1,
        20,
    )
    assert (found.matching.link, found.matching.review) == (0.9, 0.5)
    assert found.sources == {"crm": Source(trust=0.8, fields={"phone": 0.5})}
    assert (found.trust("crm", "phone"), found.trust("crm", "name")) == (0.5, 0.8)
    assert found.trust("erp", "name") == Source().trust
    assert found.thresholds == {"total": 0.95}


def test_without_a_file_the_defaults_hold_as_with_an_empty_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plain = load(home=tmp_path, environment={})
    assert plain == Settings(tmp_path)
    assert load(file=written(tmp_path, ""), home=tmp_path, environment={}) == plain


def test_environment_goes_before_the_file_and_flags_before_both(tmp_path):
    path = written(tmp_path, 'home = "/from/file"\ndatabase_url = "sqlite:///file.db"\n')
    assert load(file=path, environment={}).home == Path("/from/file")
    given = {"IDP_CDI_HOME": str(tmp_path / "env"), "IDP_CDI_DATABASE_URL": "sqlite:///env.db"}
    found = load(file=path, environment=given)
    assert (found.home, found.store_url) == (tmp_path / "env", "sqlite:///env.db")
    assert load(file=path, home=tmp_path / "flag", environment=given).home == tmp_path / "flag"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[matching]\nlink = 1.5", "matching.link"),
        ("[matching]\nreview = -0.1", "matching.review"),
        ("[reading]\nmax_pages = 0", "reading.max_pages"),
        ("[reading]\ndeadline_s = 0", "reading.deadline_s"),
        ("[reading]\nworkers = -1", "reading.workers"),
        ('[reading]\nocr = "best"', "reading.ocr"),
        ("[reading]\neffort = 3", "reading.effort"),
        ("[reading]\nspeed = 3", "reading.speed"),
        ('[organisation]\nnames = "us"', "organisation.names"),
        ("[sources.crm]\ntrust = 2", "sources.crm.trust"),
        ("[finance]\nmoney = 1", "finance.money"),
        ('[thresholds]\ntotal = "high"', "thresholds.total"),
        ("colour = 1", "colour"),
    ],
)
def test_what_is_impossible_is_named(tmp_path, text, where):
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(file=path, environment={})
    assert where in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_no_toml_are_told(tmp_path):
    with pytest.raises(SettingsError, match="no such settings file"):
        load(file=tmp_path / "none.toml", environment={})
    with pytest.raises(SettingsError, match="not valid TOML"):
        load(file=written(tmp_path, "a = "), environment={})


def test_without_a_file_pydantic_stays_out():
    code = (
        "import sys; from idp_cdi.settings import load; load(environment={}, home='/nowhere');"
        "print(*sorted({'pydantic', 'tomllib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout.strip() == ""
