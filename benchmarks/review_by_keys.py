"""An open review page and what to do with each clip go in; it is done with the keyboard alone, as a
person would do it, and the clips that were shown come out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from review_plan import FPS, Act

from tests.review_page.browser import Page

ENTER, ESCAPE, TAB, SHIFT, CONTROL, DELETE, LEFT, RIGHT = (
    "\ue007", "\ue00c", "\ue004", "\ue008", "\ue009", "\ue017", "\ue012", "\ue014",
)  # fmt: skip
VERDICT_KEYS = {"accept": "a", "reject": "r", "request_changes": "c", "skip": "s"}
LONGEST_S = 120.0
"""A clip of 30 s at twice its speed, on a machine that has other work."""
SHOWN = "document.body.dataset.clip"
DONE = "!document.getElementById('end').hidden"


def review(page: Page, address: str, act_for: Callable[[str], Act], screens: Path) -> list[str]:
    """Decide about each clip that the page shows, until it says that none is left.

    ``act_for`` is asked with the clip's id; a picture of each clip, with all overlays, is saved in
    ``screens``.
    """
    page.open(address)
    page.ready()
    page.keys(".", ".", "m", "p", "b")  # twice as fast; masks, mesh and box
    shown: list[str] = []
    while not page.js(f"return {DONE}"):
        clip = str(page.js(f"return {SHOWN}"))
        shown.append(clip)
        decide(page, clip, act_for(clip), screens / f"{clip}.png")
        page.until_js(f"{DONE} || ({SHOWN} && {SHOWN} !== '{clip}')")
    page.driver.save_screenshot(str(screens / "end.png"))
    return shown


def decide(page: Page, clip: str, act: Act, screen: Path) -> None:
    """Watch a clip, correct it, and vote."""
    if act.undone:
        vote(page, Act("reject", (act.undone,)))
        page.until_js(f"{DONE} || {SHOWN} !== '{clip}'")
        page.keys("u")
        page.until_js(f"{SHOWN} === '{clip}'")
    if act.verdict != "skip":
        watch(page)
    if act.text:
        write(page, act.text)
    if act.trim_s is not None:
        trim(page, *act.trim_s)
    page.driver.save_screenshot(str(screen))
    vote(page, act)


def watch(page: Page) -> None:
    """Play a clip to its end, as the page wants it before anything can be accepted."""
    page.keys(" ")
    page.until_js("player.heard", LONGEST_S)
    page.keys(" ")
    page.until_js("player.video.paused && !player.video.seeking")


def write(page: Page, text: str) -> None:
    """Replace the transcript."""
    page.keys("e")
    page.until_js("document.activeElement.id === 'editor'")
    page.chord(CONTROL, "a")
    page.keys(DELETE, text, ESCAPE)


def trim(page: Page, start_s: float, end_s: float) -> None:
    """Step to both ends, by seconds and then by frames, and mark them."""
    for _ in range(30):
        page.chord(SHIFT, LEFT)
    for frame, key in ((round(start_s * FPS), "["), (round(end_s * FPS) - 1, "]")):
        while page.js("return player.frame") + FPS <= frame:
            page.chord(SHIFT, RIGHT)
        page.keys(*[RIGHT] * (frame - int(page.js("return player.frame"))), key)


def vote(page: Page, act: Act) -> None:
    """Press the key of the verdict; choose reasons by the letters that stand on them."""
    page.keys(VERDICT_KEYS[act.verdict])
    if act.verdict not in ("reject", "request_changes"):
        return
    page.until_js("dialogs.box.open")
    caps = page.js(
        "const { reasons, vetoes } = tthd.settings;"
        "const chips = document.querySelectorAll('#dialog .chip kbd');"
        "return Object.fromEntries([...chips].map("
        "(one, k) => [[...reasons, ...vetoes][k], one.textContent]))"
    )
    page.keys(*(caps[reason] for reason in act.reasons))
    if act.comment:
        page.keys(*[TAB] * len(caps), act.comment, TAB, TAB)
    page.keys(ENTER)
    page.until_js("!dialogs.box.open")
