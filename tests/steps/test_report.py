"""The report: one file, true numbers, nothing loaded, readable in both schemes and on a phone."""

from __future__ import annotations

import csv
import re
import shutil
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner
from needs import need

from idp_cdi.cli.main import cli
from idp_cdi.settings import Settings
from idp_cdi.steps import quality
from idp_cdi.steps._tables import Table, write_tables
from idp_cdi.steps.report import write_report
from idp_cdi.store import checks, open_store

NASTY = ("=1+1", "+49 30 1", "@cmd", "007", "<b>x</b>", "a\x01b", "日本")


class Page(HTMLParser):
    """The texts and addresses of a page."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.tables, self._cell = [], [], None
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [v for k, v in attrs if k in ("href", "src", "xlink:href", "action")]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell).strip())
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)


def test_the_page_loads_nothing_and_its_numbers_are_those_of_the_store(house):
    path = house.settings.home / "r.html"
    made = write_report(house.database, house.settings, path)
    text = path.read_text()
    page = Page(text)
    assert all(a.startswith("#") for a in page.addresses)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "url(" not in text
    assert dict(made.cards)["documents"] == 6
    sources = {row[0]: row for row in page.tables[0]}
    assert sources["crm"][1:3] == ["4", "4"]
    assert sources["documents"][1] == "9"
    assert page.tags.count("svg") == sum(len(s.charts) for s in made.sections)
    assert text.count("<title>") >= page.tags.count("svg")


def test_an_empty_store_gets_hints_instead_of_empty_charts(tmp_path):
    settings = Settings(home=tmp_path)
    store = open_store(settings.store_url)
    made = write_report(store, settings, tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text()
    for hint in (
        "idp-cdi ingest",
        "no invoices yet",
        "idp-cdi rules run",
        "review export",
        "Nothing was ever doubtful",
    ):
        assert hint in text
    assert dict(made.cards)["customers"] == 0
    store.close()


def test_without_pii_no_value_of_a_customer_is_in_it(house):
    path = house.settings.home / "r.html"
    folder = house.folder / "tables"
    write_report(house.database, house.settings, path, tables=folder, pii=False)
    said = path.read_text() + "".join(p.read_text("utf-8-sig") for p in folder.glob("*.csv"))
    values = [c for many in house.canaries.values() for c in many]
    assert not [v for v in values if v in said]
    write_report(house.database, house.settings, path)
    assert [v for v in values if v in path.read_text()]


def test_the_tables_are_files_in_which_nothing_is_a_formula(tmp_path):
    from openpyxl import load_workbook

    rows = tuple((text, 0.5, 3, None) for text in NASTY)
    table = Table("nasty", "Nasty", ("text", "share", "n", "none"), rows, frozenset(("share",)))
    *csvs, book = write_tables(tmp_path, [table])
    with csvs[0].open(encoding="utf-8-sig", newline="") as file:
        cells = list(csv.reader(file))[1:]
    assert [c[0].lstrip("'") for c in cells] == list(NASTY)
    assert not any(re.match(r"[=+@-]", c[0]) for c in cells)
    sheet = load_workbook(book)["nasty"]
    assert {c.data_type for c in sheet["A"]} == {"s"}
    assert [c.value for c in sheet["B"]][1:] == [0.5] * len(NASTY)
    assert sheet["B2"].number_format == "0.0%"


def test_the_scorecard_counts_as_a_person_would(house):
    with house.database.reading() as connection:
        found = {(m.source, m.field, m.dimension): m for m in quality.measure(connection)}
    assert found["crm", "name", "completeness"].share == 1
    assert found["crm", "street", "completeness"].share == pytest.approx(3 / 4)
    assert found["crm", "street", "completeness"].checked == 4
    assert found["crm", "email", "validity"].share == 1
    assert found["documents", "city", "consistency"].share == 1
    assert ("documents", "city", "validity") not in found
    golden = found["", "name", "completeness"]
    assert golden.share == 1


def test_the_trend_has_one_scorecard_a_state_of_the_store(house):
    with house.database.reading() as connection:
        before = len(checks.scorecards(connection))
    assert before == 1
    quality.keep(house.database)
    house.feed(range(4))
    from idp_cdi.steps.collect import collect

    collect(house.feed(range(4)), house.settings, house.database)
    write_report(house.database, house.settings, house.folder / "r.html")
    with house.database.reading() as connection:
        assert len(checks.scorecards(connection)) == 2
    assert "Trend over 2 runs" in (house.folder / "r.html").read_text()


def test_the_command_prints_the_scorecard(house):
    place = ["--home", str(house.settings.home), "rules", "scorecard"]
    shown = CliRunner().invoke(cli, place)
    assert shown.exit_code == 0, shown.output
    assert [line.split()[0] for line in shown.output.splitlines()] == [
        "source",
        "golden",
        "crm",
        "documents",
    ]
    by_field = CliRunner().invoke(cli, [*place, "--by-field"]).output
    assert re.search(r"crm +street +75\.0%", by_field)


def test_the_command_writes_page_and_tables(house):
    arguments = ["--home", str(house.settings.home), "report"]
    folder = house.folder / "tables"
    done = CliRunner().invoke(cli, [*arguments, "--tables", str(folder)])
    assert done.exit_code == 0, done.output
    assert (house.settings.home / "report.html").exists()
    assert {"sources.csv", "coverage.csv", "quality.csv", "report.xlsx"} <= {
        p.name for p in folder.iterdir()
    }


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1200, "dark")])
def test_it_is_readable_in_a_browser(house, tmp_path, scheme, width):
    need(shutil.which("chromium") and shutil.which("chromedriver"), "Chromium is not installed")
    selenium = pytest.importorskip("selenium.webdriver")
    path = tmp_path / "r.html"
    write_report(house.database, house.settings, path)
    options = selenium.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path}/profile")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = shutil.which("chromium")
    driver = selenium.Chrome(
        options=options, service=selenium.ChromeService(shutil.which("chromedriver"))
    )
    try:
        feature = [{"name": "prefers-color-scheme", "value": scheme}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": feature})
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.get(path.as_uri())
        assert driver.get_log("browser") == []
        seen = driver.execute_script(_LOOK)
    finally:
        driver.quit()
    assert seen["over"] <= width, "nothing but a table or chart of its own may be wider"
    assert seen["empty"] == [], "every chart is drawn"
    assert seen["aside"] == [] or width < 1000, "no table has to be moved sideways to be read"
    assert seen["touching"] == [], "labels of an axis do not run into each other"
    assert min(seen["contrast"]) >= 4.5, "text can be read on its ground"


#: How wide the page is, which charts have no size, and the contrast of texts (WCAG 2.2, 1.4.3).
_LOOK = """
const channel = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
const light = (c) => { const [r, g, b] = c.match(/[0-9.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$|transparent/.test(c) && !/\\/ 0/.test(c) && c.split(",").length === 3) return c; } return "rgb(255, 255, 255)"; };
const contrast = [...document.querySelectorAll("h1,h2,p,summary,nav a,.card span,thead th,td:not(.heat)")].filter((e) => e.offsetParent).map((e) => ratio(getComputedStyle(e).color, ground(e)));
const texts = [...document.querySelectorAll("svg text")].filter((e) => e.getBoundingClientRect().width).map((e) => ratio(getComputedStyle(e).fill, ground(e)));
const boxes = [...document.querySelectorAll("svg.chart")].map((c) => [...c.querySelectorAll("text.k")].map((t) => t.getBoundingClientRect()).filter((b) => b.width));
const touch = (a, b) => Math.abs(a.top - b.top) < 2 && a.left < b.right && b.left < a.right;
return { aside: [...document.querySelectorAll(".scroll")].filter((e) => !e.closest("details") && e.scrollWidth > e.clientWidth + 1).map((e) => e.getAttribute("aria-label")),
  touching: boxes.flatMap((all) => all.flatMap((a, i) => all.slice(i + 1).filter((b) => touch(a, b)).map((b) => [a.left, b.left]))),
  over: document.documentElement.scrollWidth, contrast: contrast.concat(texts),
  empty: [...document.querySelectorAll("svg.chart")].filter((e) => e.getBoundingClientRect().height < 100).map((e) => e.outerHTML.slice(0, 80)) };
"""  # noqa: E501
