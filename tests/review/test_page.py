"""The HTML page in a real browser: accept, correct, pick, draw, refuse, save, import."""

from __future__ import annotations

import json
import shutil
import time

import pytest
from needs import need

from idp_cdi.documents import Box, Page, Word
from idp_cdi.extractions import Alternative
from idp_cdi.review import exports
from idp_cdi.review.exports import Batch, html
from idp_cdi.review.questions import Kind, Pair, Question, possible_match

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHA = "ab" * 32
NASTY = "=1+1 <b>&amp;</b> 007 日本 \u202e x"


class Drawn:
    """Pages that need no file."""

    def page(self, sha256, number, dpi):
        from PIL import Image

        return Image.new("RGB", (595 * dpi // 72, 842 * dpi // 72), "white")

    def layout(self, sha256, number):
        words = (Word("Drawn", Box(300, 300, 340, 312)), Word("GmbH", Box(345, 300, 380, 312)))
        return Page(number, 595, 842, words)


def asked():
    def value(name, text, number):
        others = (Alternative("Other & Co", 0.2, 1, Box(50, 100, 120, 112)),)
        box = Box(50, 60 * number, 150, 60 * number + 12)
        return Question(
            Kind.VALUE, ("field", SHA, name), SHA, "in/a.pdf", 1, box,
            name, "", text, text, 0.5, 0.85, others, "why not",
        )  # fmt: skip

    names = ("accepted", "picked", "typed", "drawn", "refused", "left")
    many = [value(name, f"{name} {NASTY}", i + 1) for i, name in enumerate(names)]
    match = possible_match("a␟1", "b␟2", [Pair("name", NASTY, "y", "differs")], probability=0.7)
    return (*many[:5], match, many[5])


@pytest.fixture
def browser(tmp_path):
    need(shutil.which("chromium") and shutil.which("chromedriver"), "Chromium is not installed")
    selenium = pytest.importorskip("selenium.webdriver")
    options = selenium.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path}/profile")
    options.add_argument("--window-size=1500,1000")
    options.add_experimental_option(
        "prefs", {"download.default_directory": str(tmp_path / "saved")}
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = shutil.which("chromium")
    service = selenium.ChromeService(shutil.which("chromedriver"))
    driver = selenium.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def test_a_person_works_off_the_page_and_the_answers_come_back(browser, tmp_path):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    questions = asked()
    page = tmp_path / "q.html"
    html.write(page, Batch(questions, Drawn(), "2026-01-31T09:30:00Z"))
    browser.get(page.as_uri())

    def find(selector):
        return browser.find_element("css selector", selector)

    def heading():
        return find("#card h2").text

    assert heading() == "accepted"
    assert find("#card .value").text == " ".join(questions[0].value.split(" "))
    assert not browser.find_elements("css selector", "#card b")  # text, never markup
    find('[data-act="right"]').click()
    assert heading() == "picked"
    ActionChains(browser).send_keys("1").perform()  # the first other candidate
    assert heading() == "typed"
    box = find("#value")
    box.send_keys("=2+2 'typed' 007")
    box.send_keys(Keys.ENTER)
    assert heading() == "drawn"
    sheet = "const r = document.getElementById('sheet').getBoundingClientRect(); return "
    left, top, width = browser.execute_script(sheet + "[r.x, r.y, r.width]")
    assert width <= browser.execute_script("return document.querySelector('main').clientWidth")
    scale = width / 595
    drag = ActionChains(browser)
    pointer = drag.w3c_actions.pointer_action
    pointer.move_to_location(int(left + 290 * scale), int(top + 290 * scale)).pointer_down()
    pointer.move_to_location(int(left + 400 * scale), int(top + 330 * scale)).pointer_up()
    drag.perform()
    assert find("#value").get_attribute("value") == "Drawn GmbH"
    find("#value").send_keys(Keys.ENTER)
    assert heading() == "refused"
    ActionChains(browser).send_keys("n").perform()
    assert heading() == "left"  # all about one document comes together
    ActionChains(browser).send_keys(Keys.ARROW_DOWN).perform()
    assert heading() == "One customer?"
    assert NASTY.split()[0] in find("#card table").text
    find('[data-act="different"]').click()
    assert find("#count").text == "6 of 7"

    browser.refresh()  # what was answered is kept in the browser until it is saved
    browser.switch_to.alert.accept() if _alert(browser) else None
    _until(lambda: find("#count").text == "6 of 7")
    find("#save").click()
    assert "name" in find("#note").text
    find("#person").send_keys("Ann Lee")
    find("#save").click()
    saved = tmp_path / "saved" / "answers-Ann-Lee.json"
    deadline = time.monotonic() + 20
    while not saved.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    got = {a.item: (a.action.value, a.value) for a in exports.read(saved)}
    wanted = [
        ("accept", ""),
        ("correct", "Other & Co"),
        ("correct", "=2+2 'typed' 007"),
        ("correct", "Drawn GmbH"),
        ("absent", ""),
        ("different", ""),
    ]
    assert got == {q.id: w for q, w in zip(questions, wanted, strict=False)}
    assert {a["state"] for a in json.loads(saved.read_text())["answers"]} == {
        q.state for q in questions[:6]
    }
    complaints = [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    assert not complaints


def _alert(browser):
    from selenium.common.exceptions import NoAlertPresentException

    try:
        return bool(browser.switch_to.alert.text) or True
    except NoAlertPresentException:
        return False


def _until(holds, seconds=20.0):
    """Wait for what a page does in its own time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
