"""One headless Chromium for all tests of the page, and what it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.review_page.browser import Page, Served, prepare, start_chromium
from tthd_tools.cli.options import open_plan
from tthd_tools.review.bundle import Bundle, read_keymap
from tthd_tools.review.export import export
from tthd_tools.review.queue import open_queue
from tthd_tools.workspace import Workspace


@pytest.fixture(scope="session")
def driver() -> Iterator[Any]:
    """Debian's or anybody's Chromium; skipped where there is none."""
    pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    try:
        made = start_chromium()
    except FileNotFoundError as error:
        pytest.skip(str(error))
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
    prepare(driver, downloads)
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


@pytest.fixture
def serve(corpus: Path) -> Iterator[Callable[..., Served]]:
    """Start servers of a copy of the corpus; they end with the test."""
    started: list[Served] = []

    def start(*options: str) -> Served:
        started.append(Served(corpus / "work", *options))
        return started[-1]

    yield start
    for one in started:
        one.stop()
