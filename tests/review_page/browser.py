"""The page in a headless Chromium, from disk or served: keys go in, what it shows comes out."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli_run import PROGRAM

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

    def until(self, found: Callable[[], Any], wait_s: float = WAIT_S) -> Any:
        """Wait for something true. Raises TimeoutError."""
        end = time.monotonic() + wait_s
        while not (value := found()):
            if time.monotonic() > end:
                raise TimeoutError("the page has not come to it")
            time.sleep(0.03)
        return value

    def until_js(self, expression: str, wait_s: float = WAIT_S) -> Any:
        """Wait for an expression of JavaScript to be true."""
        return self.until(lambda: self.js(f"return {expression}"), wait_s)

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
        """Press D and wait until this reviewer's file is whole: named, and of one size twice."""
        path = self.downloads / f"decisions.{self.js('return store.handle')}.jsonl"
        path.unlink(missing_ok=True)
        self.keys("d")
        sizes: list[int] = []

        def is_whole() -> bool:
            sizes.append(path.stat().st_size if path.is_file() else 0)
            is_named = not any(self.downloads.glob("*.crdownload"))
            return is_named and sizes[-2:] == [sizes[-1]] * 2 and _ends_a_line(path)

        self.until(is_whole)
        return path

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


def _ends_a_line(path: Path) -> bool:
    return path.is_file() and path.read_bytes().endswith(b"\n")


def start_chromium() -> Any:
    """A driver of Debian's or anybody's Chromium. Raises FileNotFoundError where there is none."""
    from selenium import webdriver

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    program = shutil.which("chromedriver")
    if browser is None or program is None:
        raise FileNotFoundError(
            "no chromium and chromedriver on this machine: apt-get install chromium-driver"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(program))
    made.set_script_timeout(WAIT_S)
    return made


def prepare(driver: Any, downloads: Path) -> None:
    """Let it save files into that folder, show 1366×768, and forget what its console said."""
    behaviour = {"behavior": "allow", "downloadPath": str(downloads)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    size = {"width": 1366, "height": 768, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get_log("browser")


class Served:
    """``tthd review serve`` as a process of its own.

    Raises RuntimeError where it does not start.
    """

    def __init__(self, work: Path, *options: str) -> None:
        command = [*PROGRAM, "review", "serve", "--work", str(work), "--port", "0", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        if not self.address.startswith("http://127.0.0.1:"):
            assert self.process.stderr is not None
            raise RuntimeError(self.process.stderr.read())
        self.origin, _, self.token = self.address.partition("/?token=")
        self.host = self.origin.removeprefix("http://")

    def stop(self) -> None:
        """End it and wait until it has."""
        self.process.terminate()
        self.process.communicate(timeout=WAIT_S)
