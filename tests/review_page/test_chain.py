"""From a submission through two reviewers at their pages to the releases."""

from __future__ import annotations

from pathlib import Path

from tests.cli_run import Tthd
from tests.review_page.browser import Page
from tests.submitted import TEXT, records

NEW_TEXT = "བཀྲ་ཤིས།"
VERDICTS = {"lab-a_a1_0000": "a", "lab-a_a2_0000": "r", "lab-a_b1_0000": "a"}
ENTER, ESCAPE, CONTROL, DELETE = "\ue007", "\ue00c", "\ue009", "\ue017"


def review(browser: Page, tthd: Tthd, reviewer: str) -> Path:
    """Look at every clip of a fresh page and decide; returns the downloaded decisions."""
    out = f"page-{reviewer}"
    done = tthd("review", "export", "--out", out, "--reviewer", reviewer)
    assert done.code == 0, done.err
    browser.open(Path(out, "index.html").absolute().as_uri())
    clip = browser.ready()
    while clip in VERDICTS or clip.startswith("plain-"):
        if clip.startswith("plain-"):
            browser.keys("s")
        else:
            browser.play()
            if clip == "lab-a_a1_0000":
                browser.keys("e")
                browser.until_js("document.activeElement.tagName === 'TEXTAREA'")
                browser.chord(CONTROL, "a")
                browser.keys(DELETE, NEW_TEXT, ESCAPE)
            browser.keys(VERDICTS[clip])
            if VERDICTS[clip] == "r":
                browser.keys("1", ENTER)
        if len({one["clip_id"] for one in browser.events() if one["event"] == "vote"}) == 4:
            break
        clip = str(
            browser.until_js(
                f"document.body.dataset.clip !== '{clip}' && document.body.dataset.clip"
            )
        )
    saved = browser.download()
    return saved.rename(Path(f"decisions.{reviewer}.jsonl").absolute())


def test_two_reviewers_decide_what_the_releases_hold(
    place: Path, tthd: Tthd, browser: Page
) -> None:
    files = [review(browser, tthd, name) for name in ("dolma", "tashi")]
    merged = tthd("review", "merge", *files, "--json")
    assert merged.code == 0, merged.err
    assert [one["refused"] for one in merged.json] == [[], []]
    states = tthd("review", "status", "--json").json["states"]
    assert (states["accepted"], states["rejected"], states["unreviewed"]) == (2, 1, 1)

    for tier in ("gated", "internal"):
        done = tthd("build-shards", "--tier", tier, "--out", tier)
        assert done.code == 0, done.err
    gated, internal = records(place / "gated"), records(place / "internal")
    assert sorted(gated) == ["lab-a_a1_0000", "lab-a_b1_0000"]
    assert (gated["lab-a_a1_0000"]["txt"], gated["lab-a_b1_0000"]["txt"]) == (NEW_TEXT, TEXT)
    assert gated["lab-a_a1_0000"]["corrected"] == ["text"]
    assert len(internal) == 3
    assert tthd("verify", "gated").code == 0

    told = tthd("status", "--why", "lab-a_a2_0000").out
    assert "review      rejected: dolma rejects it on" in told
    assert "lip_sync" in told
    assert "internal    it is rejected by review" in told
    assert tthd("build-shards", "--tier", "open", "--out", "open").code == 0
    assert sorted(records(place / "open")) == ["lab-a_b1_0000"]
