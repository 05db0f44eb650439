"""Whatever a contributor or another reviewer has written is text on the page and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.review_page.browser import Page
from tthd_tools.review.bundle import Bundle, script
from tthd_tools.review.events import Event

EVIL = (
    "</script><script>window.pwned=1</script>"
    "<img src=x onerror=\"window.pwned=2\"><svg onload='window.pwned=3'>"
    '<a href="javascript:window.pwned=4">ཀ</a>\u2028\'"`${window.pwned=5}`\\'
    "<iframe srcdoc='<script>parent.pwned=6</script>'></iframe>"
)
WRITTEN = (
    "text", "text_norm", "text_status", "dialect", "emotion", "emotion_origin", "speaker_id",
    "license", "rights", "tier", "contributor", "language",
)  # fmt: skip
TURNED = "\u202egnp.exe\u202c\u2067abc\u200b"


@pytest.fixture
def hostile(shown: Callable[..., Page], bundle: Bundle) -> Page:
    """The page with hostile text in every field that people fill in."""
    first = next(iter(bundle.clips.values()))
    event = Event(
        event_id="mara-00001", at="2025-11-21T15:32:10.123Z", actor="mara", role="reviewer",
        item_id=first.item.item_id, clip_id=first.id, content_sha256="0" * 64,
        guideline_version="1", event="comment", comment=EVIL[:1500], time_s=1.0,
    )  # fmt: skip
    fields = dict.fromkeys(WRITTEN, EVIL + TURNED)
    row = {**bundle.rows[first.id], "flags": [EVIL], "dropped_by": [EVIL]}
    rules = [bundle.rules[0].model_copy(update={"name": EVIL, "when": "duration_s < 3"})]
    return shown(
        item={**fields, "extra": {"__proto__": {"pwned": 7}, EVIL: EVIL}},
        history={first.id: [event]},
        rows={**bundle.rows, first.id: row},
        rules=rules,
        corrections={first.id: {"text": EVIL + TURNED, "dialect": EVIL}},
        states={first.id: EVIL},
    )


def walk(page: Page) -> None:
    """Show everything that there is to show."""
    first = page.ready()
    page.js("handlers.skip()")
    page.until_js(f"document.body.dataset.clip !== '{first}'")
    page.js("desk.filter = 'all'; desk.show(arguments[0])", first)
    page.until_js(f"document.body.dataset.clip === '{first}'")
    page.keys("t", "t", "m", "p", "o", "w")
    page.keys("e")
    page.until_js("document.activeElement.id === 'editor'")
    page.keys("x", "\ue00c", "?")
    page.until_js("dialogs.box.open")
    page.keys("\ue00c")


def test_nothing_runs_and_nothing_is_made_of_it(hostile: Page) -> None:
    walk(hostile)
    assert hostile.js("return [window.pwned, ({}).pwned]") == [None, None]
    strange = "iframe, object, embed, svg, a, img:not(#still), [onerror], [onload], [srcdoc]"
    assert hostile.js("return document.querySelectorAll(arguments[0]).length", strange) == 0
    assert hostile.js("return document.querySelectorAll('script:not([src])').length") == 0
    foreign = [one for one in hostile.requests() if not one.startswith(("file:", "data:", "blob:"))]
    assert foreign == []
    assert hostile.complaints() == []


def test_it_is_shown_as_it_was_written(hostile: Page) -> None:
    walk(hostile)
    for selector in ("#text", "#consent", "#history", "#scores", "#clip-tags"):
        assert "<script>window.pwned=1</script>" in hostile.js(
            "return document.querySelector(arguments[0]).textContent", selector
        ), selector


def test_marks_that_turn_text_round_are_seen(hostile: Page) -> None:
    shown = hostile.js("return document.body.textContent")
    assert "‹U+202E›gnp.exe‹U+202C›‹U+2067›abc‹U+200B›" in shown
    assert not any(mark in shown for mark in "\u202e\u202c\u2066\u2067\u2068\u2069\u200b")


def test_the_editor_keeps_every_character(hostile: Page) -> None:
    hostile.keys("e")
    hostile.until_js("document.activeElement.id === 'editor'")
    assert hostile.js("return document.activeElement.value") == EVIL + TURNED


@pytest.mark.parametrize(
    "attack",
    [
        "document.body.innerHTML = '<b>x</b>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.createElement('script').src = 'clips/../evil.js'",
        "document.createElement('script').src = policy.createScriptURL('data:text/javascript,1')",
        "document.createElement('script').src = policy.createScriptURL('clips/../../evil.js')",
        "trustedTypes.createPolicy('other', {})",
        "document.createElement('script').textContent = 'window.pwned = 1'",
    ],
)
def test_the_policy_forbids_what_the_page_does_not_need(page: Page, attack: str) -> None:
    refused = page.js(f"try {{ {attack}; return false; }} catch (error) {{ return error.name; }}")
    assert refused == "TypeError"


def test_an_inline_script_and_handler_do_not_run(page: Page) -> None:
    page.js(
        "const image = document.createElement('img'); document.body.append(image);"
        "const parsed = new DOMParser(); "
        "try { image.setAttribute('onerror', 'window.pwned = 1'); } catch (error) { }"
        "image.src = 'missing.png';"
        "const link = document.createElement('a'); link.href = 'javascript:window.pwned = 2';"
        "document.body.append(link); link.click();"
    )
    page.until_js("document.body.lastChild.previousSibling.complete")
    assert page.js("return window.pwned") is None


def test_a_picture_from_elsewhere_is_not_asked_for(page: Page) -> None:
    page.js("window.i = new Image(); i.src = 'http://127.0.0.1:9/x.png'")
    page.until(lambda: any("violates" in one for one in page.complaints()))


def test_a_data_file_is_ascii_and_its_keys_stay_keys() -> None:
    text = script("clip", {"__proto__": 1, "a": "\u2028</script>ཀ'\"\\"})
    assert text.isascii()
    assert text == (
        'tthd.take("clip", "{\\"__proto__\\":1,\\"a\\":'
        '\\"\\\\u2028</script>\\\\u0f40\'\\\\\\"\\\\\\\\\\"}");\n'
    )


def test_no_script_writes_markup() -> None:
    import tthd_tools.review.bundle as bundle_module

    forbidden = ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(")
    for path in sorted((Path(bundle_module.__file__).parent / "page").glob("*.js")):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in forbidden if word in text], path.name
        assert "http:" not in text, path.name
        assert "https:" not in text, path.name


def test_the_document_has_nothing_inline() -> None:
    import tthd_tools.review.bundle as bundle_module

    text = (bundle_module.PAGE / "index.html").read_text(encoding="utf-8")
    assert "default-src 'self'" in text
    assert "unsafe" not in text
    for sign in ("<style", " style=", " onclick", "javascript:", "<script>", "//"):
        assert sign not in text, sign
