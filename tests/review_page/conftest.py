"""One headless Chromium for all tests of the page, and what it is shown."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import PROGRAM
from tthd_tools.cli.options import open_plan
from tthd_tools.review.bundle import Bundle, read_keymap
from tthd_tools.review.export import export
from tthd_tools.review.queue import open_queue
from tthd_tools.workspace import Workspace

WAIT_S = 20.0
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--mute-audio",
)


class Page:
    """The page in the browser: keys go in as a person types them, its state comes out."""

    def __init__(self, driver: Any, downloads: Path) -> None:
        self.driver, self.downloads = driver, downloads

    def open(self, address: str) -> None:
        """Load an address and forget what was asked for before."""
        self.driver.get("about:blank")
        self.driver.get_log("performance")
        self.driver.get(address)

    def ready(self) -> str:
        """Wait until a clip is shown; returns its id."""
        return str(self.until(lambda: self.js("return document.body.dataset.clip")))

    def js(self, script: str, *arguments: object) -> Any:
        """What a script of the test gives; scripts of the page itself stay under its policy."""
        return self.driver.execute_script(script, *arguments)

    def until(self, found: Callable[[], Any]) -> Any:
        """Wait for something true."""
        end = time.monotonic() + WAIT_S
        while not (value := found()):
            if time.monotonic() > end:
                pytest.fail("the page has not come to it")
            time.sleep(0.03)
        return value

    def until_js(self, expression: str) -> Any:
        """Wait for an expression of JavaScript to be true."""
        return self.until(lambda: self.js(f"return {expression}"))

    def keys(self, *keys: str) -> None:
        """Type keys, wherever the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        chain = ActionChains(self.driver, duration=0)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def chord(self, modifier: str, key: str) -> None:
        """Type a key while another one is held."""
        from selenium.webdriver.common.action_chains import ActionChains

        chain = ActionChains(self.driver, duration=0)
        chain.key_down(modifier).send_keys(key).key_up(modifier).perform()

    def text(self, selector: str) -> str:
        """The text of an element as it is shown."""
        return str(self.js("return document.querySelector(arguments[0]).innerText", selector))

    def is_shown(self, selector: str) -> bool:
        """Whether an element takes any room."""
        return bool(
            self.js("return document.querySelector(arguments[0]).offsetHeight > 0", selector)
        )

    def play(self) -> None:
        """Play the clip to its end, fast."""
        self.js("player.video.playbackRate = 4")
        self.keys(" ")
        self.until_js("player.heard")
        self.keys(" ")
        self.until_js("player.video.paused")

    def events(self) -> list[dict[str, Any]]:
        """This reviewer's decisions in this browser, oldest first."""
        return [json.loads(line) for line in self.js("return store.lines()").splitlines()]

    def download(self) -> Path:
        """Press D and wait for the file."""
        self.keys("d")
        return Path(self.until(lambda: next(self.downloads.glob("decisions.*.jsonl"), None)))

    def requests(self) -> list[str]:
        """Every address that was asked for since ``open``."""
        messages = (
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        )
        return [
            str(one["params"]["request"]["url"])
            for one in messages
            if one["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """What the browser's console says: errors and refusals of its policy."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]


@pytest.fixture(scope="session")
def driver() -> Iterator[Any]:
    """Debian's or anybody's Chromium; skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    program = shutil.which("chromedriver")
    if browser is None or program is None:
        pytest.skip("no chromium and chromedriver on this machine: apt-get install chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(program)
    made = webdriver.Chrome(options=options, service=service)
    made.set_script_timeout(WAIT_S)
    yield made
    made.quit()


@pytest.fixture(scope="session")
def empty_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page on disk with nothing on it."""
    path = tmp_path_factory.mktemp("empty") / "index.html"
    path.write_text("<!doctype html><title>empty</title>")
    return path.as_uri()


@pytest.fixture
def browser(driver: Any, empty_page: str, tmp_path: Path) -> Page:
    """The browser at 1366×768; all that its store knows is a reviewer `tashi`.

    Pages on disk share one store, so any of them can empty it.
    """
    driver.get(empty_page)
    driver.execute_script(
        "localStorage.clear(); localStorage.setItem('tthd-review//handle', '\"tashi\"')"
    )
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    behaviour = {"behavior": "allow", "downloadPath": str(downloads)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    size = {"width": 1366, "height": 768, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get_log("browser")
    return Page(driver, downloads)


@pytest.fixture(scope="session")
def bundle(built: Path) -> Bundle:
    """The two kept clips of the measured corpus: `talk` of 3.2 s with text, `two` of 3.4 s."""
    plan = open_plan("tthd", None)
    return open_queue(Workspace(built / "work"), plan).bundle


@pytest.fixture(scope="session")
def folder(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That corpus as an exported page; not to be changed."""
    out = tmp_path_factory.mktemp("page") / "review"
    export(bundle, out, read_keymap())
    return out


@pytest.fixture
def page(browser: Page, folder: Path) -> Page:
    """The exported page, opened from disk by a reviewer `tashi` who has not decided anything."""
    browser.open((folder / "index.html").as_uri())
    browser.ready()
    return browser


@pytest.fixture
def shown(browser: Page, bundle: Bundle, tmp_path: Path) -> Callable[..., Page]:
    """Export a changed bundle and open it: ``shown(item={…})`` changes the first clip's item."""

    def show(item: dict[str, Any] | None = None, **changes: Any) -> Page:
        clips = dict(bundle.clips)
        first = next(iter(clips.values()))
        clips[first.id] = replace(first, item=first.item.model_copy(update=item or {}))
        changed = replace(bundle, clips=clips, **changes)
        export(changed, tmp_path / "review", read_keymap(), reviewer="tashi")
        browser.open((tmp_path / "review" / "index.html").as_uri())
        browser.ready()
        return browser

    return show


class Served:
    """``tthd review serve`` as a process of its own."""

    def __init__(self, work: Path, *options: str) -> None:
        command = [*PROGRAM, "review", "serve", "--work", str(work), "--port", "0", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        if not self.address.startswith("http://127.0.0.1:"):
            assert self.process.stderr is not None
            pytest.fail(self.process.stderr.read())
        self.origin, _, self.token = self.address.partition("/?token=")
        self.host = self.origin.removeprefix("http://")


@pytest.fixture
def serve(corpus: Path) -> Iterator[Callable[..., Served]]:
    """Start servers of a copy of the corpus; they end with the test."""
    started: list[Served] = []

    def start(*options: str) -> Served:
        started.append(Served(corpus / "work", *options))
        return started[-1]

    yield start
    for one in started:
        one.process.terminate()
        one.process.communicate(timeout=WAIT_S)
