"""What a reviewer decides with the keyboard becomes events that the logs take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.cli_run import Tthd
from tests.review_page.browser import Page
from tthd_tools.review.bundle import Bundle
from tthd_tools.review.content import content_sha256, item_content_sha256
from tthd_tools.review.events import Event, parse_event
from tthd_tools.review.settings import Reviewer, ReviewSettings
from tthd_tools.text.checks import check_text

ENTER, ESCAPE, TAB, SHIFT, DELETE, HOME, CONTROL = (
    "\ue007", "\ue00c", "\ue004", "\ue008", "\ue017", "\ue011", "\ue009",
)  # fmt: skip


def decided(page: Page) -> list[Event]:
    """The decisions in the browser, as the log reads them."""
    return [parse_event(line.encode()) for line in page.js("return store.lines()").splitlines()]


def next_clip(page: Page, before: str) -> str:
    """Wait for another clip than that."""
    return str(
        page.until_js(f"document.body.dataset.clip !== '{before}' && document.body.dataset.clip")
    )


def test_accept_waits_until_the_clip_has_been_played(page: Page, bundle: Bundle) -> None:
    first = page.ready()
    page.keys("a")
    assert page.events() == []
    assert "Play it to its end" in page.text("#toast")
    assert page.js("return document.querySelector('.accept').disabled") is True
    page.play()
    assert page.js("return document.querySelector('.accept').disabled") is False
    page.keys("a")
    second = next_clip(page, first)
    assert second != first
    (event,) = decided(page)
    assert (event.event, event.verdict, event.actor) == ("vote", "accept", "tashi")
    assert (event.clip_id, event.item_id) == (first, first[:-5])
    assert event.content_sha256 == content_sha256(bundle.clips[first])
    assert event.prev_event_sha256 is None
    assert 0 < event.seconds_spent < 60
    assert page.text("#progress-text") == "1 of 2 decided"


def test_part_of_a_clip_is_not_all_of_it(page: Page) -> None:
    page.js("player.seekFrame(60)")
    page.keys(" ")
    page.until_js("player.video.currentTime > 3")
    page.keys(" ", "a")
    assert page.events() == []


def test_reject_takes_numbered_reasons_and_enter(page: Page) -> None:
    first = page.ready()
    page.keys("r")
    page.until_js("dialogs.box.open")
    page.keys("1", "6", "9", "9", ENTER)
    next_clip(page, first)
    (event,) = decided(page)
    assert event.verdict == "reject"
    assert event.reasons == ("lip_sync", "noise_or_music")


def test_the_answers_of_a_dialog_stand_in_one_line(page: Page) -> None:
    for key in "rcng":
        page.keys(key)
        page.until_js(
            "dialogs.box.open && document.querySelectorAll('#dialog .answers button').length"
        )
        tops = page.js(
            "return Array.from(document.querySelectorAll('#dialog .answers button'), "
            "(one) => one.getBoundingClientRect().top)"
        )
        assert len(tops) == 2
        assert tops[0] == tops[1]
        page.keys(ESCAPE)
        page.until_js("!dialogs.box.open")


def test_a_reject_without_a_reason_is_asked_for_one(page: Page) -> None:
    page.keys("r")
    page.until_js("dialogs.box.open")
    page.keys(ENTER)
    assert page.text(".problem") == "Choose a reason, or write one."
    page.keys(ESCAPE)
    page.until_js("!dialogs.box.open")
    assert page.events() == []


def test_a_veto_is_offered_with_reject_alone(page: Page) -> None:
    page.keys("c")
    page.until_js("dialogs.box.open")
    assert "No consent" not in page.text("#dialog")
    page.keys(ESCAPE)
    page.until_js("!dialogs.box.open")
    page.keys("r")
    page.until_js("dialogs.box.open")
    caps = page.js(
        "return Array.from(document.querySelectorAll('.veto .chip'), "
        "(one) => [one.querySelector('kbd').textContent, one.lastChild.textContent])"
    )
    key = next(key for key, text in caps if text == "Another person visible")
    page.keys(key, ENTER)
    page.until(page.events)
    assert decided(page)[0].has_veto


def test_request_changes_takes_words(page: Page) -> None:
    page.keys("c")
    page.until_js("dialogs.box.open")
    page.driver.find_element("css selector", "#dialog textarea").send_keys("the last word is cut")
    page.keys(TAB, TAB, ENTER)
    page.until(page.events)
    (event,) = decided(page)
    assert (event.verdict, event.reasons) == ("request_changes", ("other",))
    assert event.comment == "the last word is cut"


def test_skip_and_undo(page: Page) -> None:
    first = page.ready()
    page.keys("s")
    next_clip(page, first)
    page.keys("u")
    page.until_js(f"document.body.dataset.clip === '{first}'")
    assert [one.event for one in decided(page)] == ["vote", "withdraw_vote"]
    assert page.text("#own") == "Not voted yet"
    assert page.text("#progress-text") == "0 of 2 decided"
    page.keys("u")
    assert page.text("#toast") == "Nothing to undo."


def test_undo_goes_twenty_steps_back_and_survives_a_reload(page: Page) -> None:
    page.js(
        "for (let k = 0; k < 22; k += 1) store.add(desk.clip.clip_id, "
        "[makeEvent(desk.clip, { verdict: 'skip' })])"
    )
    page.driver.refresh()
    page.until_js("store.handle")
    page.keys(*"u" * 22)
    assert [one.event for one in decided(page)].count("withdraw_vote") == 20


def test_a_corrected_text_goes_with_the_vote_and_comes_back_by_undo(page: Page) -> None:
    first = page.ready()
    page.play()
    page.keys("e")
    page.until_js("document.activeElement.id === 'editor'")
    page.keys("བོད", ESCAPE)
    assert not page.is_shown("#editor")
    text = page.js("return words.text")
    assert text == "བཀྲ་ཤིས།བོད"
    assert page.text("#pending") == "Goes with your vote: transcript"
    page.keys("a")
    next_clip(page, first)
    correction, vote = decided(page)
    assert correction.event == "correct"
    assert correction.fields_changed.model_dump(exclude_none=True) == {
        "text": {"old": "བཀྲ་ཤིས།", "new": text}
    }
    assert vote.verdict == "accept"
    page.keys("u")
    page.until_js(f"document.body.dataset.clip === '{first}'")
    *_, withdrawn, back = decided(page)
    assert (withdrawn.event, back.event) == ("withdraw_vote", "correct")
    assert back.fields_changed.new() == {"text": "བཀྲ་ཤིས།"}
    assert page.text("#text") == text, "what was typed waits for the next vote"
    assert page.text("#pending") == "Goes with your vote: transcript"
    page.keys("a")
    next_clip(page, first)
    assert [one.event for one in decided(page)[-2:]] == ["correct", "vote"], "not played again"
    assert decided(page)[-2].fields_changed == correction.fields_changed


def test_a_machines_suggestion_is_taken_over_by_a_person_alone(
    shown: Callable[..., Page], bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tthd_tools.review.transcript.draft_of", lambda clip: "<b>བཀྲ</b>")
    first = next(iter(bundle.clips))
    page = shown(item={"text": "", "text_norm": ""})
    assert "A machine suggests, and nobody has checked:" in page.text("#text")
    assert page.text("#text .suggested") == "<b>བཀྲ</b>"
    assert page.text("#pending") == ""
    page.driver.find_element("css selector", "#take-draft").click()
    page.play()
    page.keys("a")
    next_clip(page, first)
    correction, vote = decided(page)
    assert correction.fields_changed.new() == {"text": "<b>བཀྲ</b>"}
    assert vote.verdict == "accept"


def test_keys_are_letters_while_a_text_is_edited(page: Page) -> None:
    page.keys("e")
    page.until_js("document.activeElement.id === 'editor'")
    page.keys("arsu ")
    assert page.events() == []
    assert page.js("return player.video.paused") is True
    page.keys(ESCAPE, "s")
    page.until(page.events)


def test_what_is_typed_survives_a_reload_before_the_vote(page: Page) -> None:
    page.keys("e")
    page.until_js("document.activeElement.id === 'editor'")
    page.keys("ཀ")
    page.driver.refresh()
    page.ready()
    assert page.js("return words.text") == "བཀྲ་ཤིས།ཀ"


def test_warnings_come_while_typing(page: Page) -> None:
    page.keys("e")
    page.until_js("document.activeElement.id === 'editor'")
    page.js("const e = document.querySelector('#editor'); e.value = ''")
    page.keys("hello")
    assert page.text("#warnings") == "No Tibetan letter in it. [M042]"
    page.js("document.querySelector('#editor').value = 'ཀ\\u200bི་ཱུ'")
    page.keys(" ")
    assert page.text("#warnings").splitlines() == [
        "Invisible characters: U+200B. [M043]",
        "A vowel or subjoined letter without a base: U+0F71. [M045]",
    ]


def test_trim_and_dialect_are_corrections(page: Page) -> None:
    first = page.ready()
    page.js("player.seekFrame(10)")
    page.keys("[")
    page.js("player.seekFrame(69)")
    page.keys("]")
    assert page.js("return document.querySelectorAll('.mark.trim').length") == 2
    select = page.driver.find_element("css selector", "#dialect")
    select.send_keys("kham")
    page.keys(ESCAPE, "s")
    next_clip(page, first)
    changed = decided(page)[0].fields_changed
    assert changed.new() == {"dialect": "kham", "trim_s": (0.4, 2.8)}
    assert changed.dialect is not None
    assert changed.dialect.old == "amdo"
    page.keys("u")
    page.until_js(f"document.body.dataset.clip === '{first}'")
    assert decided(page)[-1].fields_changed.new() == {"dialect": "amdo", "trim_s": (0.0, 3.2)}


def test_the_contributors_emotion_is_hidden_until_the_vote(page: Page) -> None:
    first = page.ready()
    assert page.text("#stated-emotion") == "Contributor’s label: after your vote"
    page.keys("3")
    page.chord(SHIFT, "2")
    chosen = "return document.querySelector('#emotions [aria-checked=true] span').textContent"
    assert page.js(chosen) == "happy"
    assert (
        page.js("return document.querySelector('#intensity [aria-pressed=true]').innerText") == "2"
    )
    page.keys("s")
    next_clip(page, first)
    assert decided(page)[0].answers == {"emotion": "happy", "emotion_intensity": 2}
    page.keys("u")
    page.until_js(f"document.body.dataset.clip === '{first}'")
    assert page.js(chosen) == "happy", "as it was before the vote"
    page.keys("s")
    next_clip(page, first)
    page.js("desk.show(arguments[0])", first)
    page.until_js(f"document.body.dataset.clip === '{first}'")
    assert page.text("#stated-emotion").startswith("Contributor: calm")
    page.driver.find_element("css selector", "#stated-emotion input").click()
    page.keys("s")
    page.until(lambda: decided(page)[-2].event == "correct")
    changed = decided(page)[-2].fields_changed.emotion
    assert changed is not None
    assert (changed.old, changed.new) == ("calm", "happy")


def test_a_note_is_pinned_to_its_time(page: Page) -> None:
    page.js("player.seekFrame(50)")
    page.keys("n")
    page.until_js("dialogs.box.open")
    assert page.text("#dialog h2") == "Note at 2.00 s"
    page.keys("a cough", TAB, TAB, ENTER)
    page.until(page.events)
    (event,) = decided(page)
    assert (event.event, event.comment, event.time_s) == ("comment", "a cough", 2.0)
    assert page.js("return document.querySelectorAll('.mark.note').length") == 1


def test_history_is_hidden_until_the_own_vote(shown: Callable[..., Page], bundle: Bundle) -> None:
    first = next(iter(bundle.clips.values()))
    earlier = Event(
        event_id="pema-0001", at="2025-11-21T15:32:10.123Z", actor="pema", role="reviewer",
        item_id=first.item.item_id, clip_id=first.id, content_sha256="0" * 64,
        guideline_version="1", event="vote", verdict="reject", reasons=("blur",),
        comment="I cannot see the lips",
    )  # fmt: skip
    page = shown(history={first.id: [earlier]}, states={first.id: "in_review"})
    assert page.text("#history") == "Shown after your vote."
    page.keys("s")
    next_clip(page, first.id)
    page.keys("k")
    page.js("desk.show(arguments[0])", first.id)
    page.until_js(f"document.body.dataset.clip === '{first.id}'")
    told = page.text("#history")
    assert "pema Rejected · Blurred" in told
    assert "I cannot see the lips" in told


def test_of_others_corrections_only_the_text_is_seen_before_the_own_vote(
    shown: Callable[..., Page], bundle: Bundle
) -> None:
    first = next(iter(bundle.clips))
    changes = {
        "text": "བོད།", "dialect": "kham", "emotion": "sad", "emotion_intensity": 3,
        "trim_s": [0.4, 2.8],
    }  # fmt: skip
    page = shown(corrections={first: changes}, states={first: "disputed"})
    seen = (
        "return [document.querySelector('#dialect').value,"
        "document.querySelector('#clip-tags').innerText.split(/\\s*\\n\\s*/).sort(),"
        "document.querySelectorAll('.mark.trim').length]"
    )
    assert (page.text("#text"), page.text("#text-status")) == ("བོད།", "Corrected")
    dialect, tags, marks = page.js(seen)
    assert (dialect, "kham" in tags, "disputed" in tags, marks) == ("amdo", False, False, 0)
    page.driver.find_element("css selector", "#dialect").send_keys("kham")
    page.keys(ESCAPE, "s")
    next_clip(page, first)
    changed = decided(page)[0].fields_changed
    assert changed.model_dump(exclude_none=True) == {"dialect": {"old": "amdo", "new": "kham"}}
    page.js("desk.show(arguments[0])", first)
    page.until_js(f"document.body.dataset.clip === '{first}'")
    dialect, tags, marks = page.js(seen)
    assert (dialect, "kham" in tags, "disputed" in tags, marks) == ("kham", True, True, 2)


def test_decisions_survive_a_reload_and_are_merged(page: Page, corpus: Path, tthd: Tthd) -> None:
    first = page.ready()
    page.play()
    page.keys("a")
    second = next_clip(page, first)
    page.driver.refresh()
    assert page.ready() == second, "what is decided is not shown again"
    page.keys("s")
    page.until_js("!document.body.dataset.clip")
    assert page.text("#end-text") == "Every clip of this list is decided."
    (page.downloads / "decisions.pema.jsonl").touch()  # somebody else's, of before
    file = page.download()
    assert file.name == "decisions.tashi.jsonl"
    done = tthd("review", "merge", file, "--work", corpus / "work", "--json")
    assert (done.code, done.json[0]["added"], done.json[0]["refused"]) == (0, 2, [])
    found = tthd("review", "status", "--work", corpus / "work", "--json")
    assert found.code == 0


def test_after_the_last_clip_only_what_needs_none_is_left(page: Page) -> None:
    first = page.ready()
    page.keys("s")
    next_clip(page, first)
    page.keys(" ")
    page.until_js("player.video.currentTime > 0.2")
    page.keys("s")
    page.until_js("!document.body.dataset.clip")
    assert list(filter(None, page.text("#end").splitlines())) == [
        "Every clip of this list is decided.",
        "Skipped: 2",
        "Press D to download your decisions.",
    ]
    shown = page.js(
        "return Array.from(document.querySelectorAll('main, .timeline, footer button'))"
        ".filter((one) => one.offsetHeight).map((one) => one.dataset.action)"
    )
    assert shown == ["undo"]
    page.keys("r", "n", "a", "]")
    assert page.js("return dialogs.box.open") is False
    assert len(page.events()) == 2
    page.keys("u")
    page.ready()
    assert not page.is_shown("#end")
    assert page.text("#play").startswith("Play")
    assert page.text("#clock") == "0.00 s · 0"
    assert page.js("return timeline.canvas.width > 1000 && overlays.canvas.width > 200")


def test_the_queue_is_left_by_what_one_has_sent_or_does_not_know(
    shown: Callable[..., Page], bundle: Bundle
) -> None:
    first, second = bundle.clips
    review = ReviewSettings(reviewers={"tashi": Reviewer(dialects=("kham",))})
    page = shown(review=review)
    assert page.ready() == second, "the first one is amdo"
    page = shown(item={"contributor": "Tashi"})
    assert page.ready() == second
    page.js("document.querySelector('#filter').value = 'all'")
    page.js("document.querySelector('#filter').dispatchEvent(new Event('change'))")
    page.until_js(f"document.body.dataset.clip === '{first}'")


def test_an_adjudicator_ends_a_dispute(shown: Callable[..., Page], bundle: Bundle) -> None:
    first = next(iter(bundle.clips))
    review = ReviewSettings(adjudicators=frozenset(["tashi"]))
    standing = ["pema-000001", "dolma-00001"]
    page = shown(review=review, states={first: "disputed"}, standing={first: standing})
    page.play()
    page.keys("a")
    next_clip(page, first)
    page.keys("u")
    page.until_js(f"document.body.dataset.clip === '{first}'")
    ruling, back = decided(page)
    assert (ruling.event, ruling.role, ruling.verdict) == ("adjudicate", "adjudicator", "accept")
    assert ruling.settles == tuple(standing)
    assert (back.event, back.role) == ("reopen", "adjudicator")
    assert back.settles == (*standing, ruling.event_id)


def test_rights_are_voted_on_for_the_whole_item(shown: Callable[..., Page], bundle: Bundle) -> None:
    first = next(iter(bundle.clips.values()))
    page = shown(review=ReviewSettings(rights_vote=True))
    page.driver.find_element("css selector", ".rights button").click()
    (event,) = decided(page)
    assert (event.clip_id, event.verdict) == (None, "accept")
    assert event.content_sha256 == item_content_sha256(first.item)
    assert page.text("#own") == "Not voted yet"


def test_votes_answer_the_reopenings_that_the_page_knows_of(
    shown: Callable[..., Page], bundle: Bundle
) -> None:
    first = next(iter(bundle.clips))
    page = shown(review=ReviewSettings(rights_vote=True), reopened={first: ["karma-000001"]})
    page.driver.find_element("css selector", ".rights button").click()
    page.play()
    page.keys("a")
    next_clip(page, first)
    page.keys("u")
    page.until_js(f"document.body.dataset.clip === '{first}'")
    rights, vote, back = decided(page)
    assert rights.settles == vote.settles == ("karma-000001",)
    assert (rights.clip_id, vote.clip_id) == (None, first)
    assert (back.event, back.settles) == ("withdraw_vote", ())


def test_keys_are_shown_and_can_be_changed(page: Page) -> None:
    page.keys("?")
    page.until_js("dialogs.box.open")
    assert "Accept" in page.text("#dialog")
    table, tbody, dialog = page.js(
        "return ['.keys', '.keys tbody', '#dialog form'].map((one) => "
        "document.querySelector(one).getBoundingClientRect().width)"
    )
    assert table == tbody == dialog, "both columns together are as wide as the dialog"
    rows: Any = page.driver.find_elements("css selector", ".keys tr")
    skip = next(row for row in rows if row.text.startswith("Skip"))
    skip.find_element("css selector", "button").click()
    page.keys("a")
    assert page.text("#toast") == "Accept is taken"
    skip.find_element("css selector", "button").click()
    page.keys("x", ESCAPE)
    page.until_js("!dialogs.box.open")
    page.keys("s")
    assert page.events() == []
    page.keys("x")
    page.until(page.events)
    page.driver.refresh()
    page.until_js("store.handle")
    assert page.js("return keys.map.skip") == ["x"]


def test_a_whole_review_needs_no_mouse_and_asks_who_it_is(browser: Page, folder: Path) -> None:
    address = (folder / "index.html").as_uri()
    browser.open(address)
    browser.js("localStorage.clear()")
    browser.open(address)
    browser.until_js("dialogs.box.open")
    assert not browser.is_shown("[data-action=undo]"), "nothing is there to undo"
    browser.keys("No Such Name", ENTER)
    assert "Lower-case" in browser.text(".problem")
    browser.js("document.activeElement.value = ''")
    browser.keys("dolma_2", ENTER)
    first = browser.ready()
    browser.keys(".", ".", " ")
    browser.until_js("player.heard")
    browser.keys("3", "a")
    second = next_clip(browser, first)
    browser.keys("g")
    browser.until_js("dialogs.box.open")
    browser.keys(first, ENTER)
    browser.until_js(f"document.body.dataset.clip === '{first}'")
    browser.keys("j", "r")
    browser.until_js("dialogs.box.open")
    browser.keys("8", ENTER)
    browser.until(lambda: len(browser.events()) == 2)
    assert [(one.clip_id, one.verdict) for one in decided(browser)] == [
        (first, "accept"),
        (second, "reject"),
    ]


def test_the_focus_can_be_seen_and_enter_presses_a_button(page: Page) -> None:
    for _ in range(3):
        page.keys(TAB)
    style = page.js(
        "const s = getComputedStyle(document.activeElement);"
        "return [document.activeElement.tagName, s.outlineStyle, parseFloat(s.outlineWidth)]"
    )
    assert style == ["BUTTON", "solid", 3]
    assert page.js("return document.activeElement.dataset.action") == "next"
    first = page.ready()
    page.keys(ENTER)
    assert next_clip(page, first) != first


def test_keys_count_by_their_place_on_other_layouts(page: Page) -> None:
    page.js(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'ཨ', code: 'KeyS', bubbles: true}))"
    )
    assert decided(page)[0].verdict == "skip"


def test_space_plays_where_a_button_has_the_focus(page: Page) -> None:
    page.js("document.querySelector('.reject').focus()")
    page.keys(" ")
    page.until_js("!player.video.paused")
    assert page.js("return dialogs.box.open") is False


def test_warnings_are_those_of_the_checks_of_texts(page: Page) -> None:
    random = Random(5)
    letters = "ཀཁགངབསརླཱིེུྐྱྲྟཱྀུ་།༌ \u200b\u0f77\u0f79༡༢ཿཾ"
    texts = ["".join(random.choices(letters, k=random.randint(1, 14))) for _ in range(300)]
    texts += ["hello", "ཀ" * 9, "བཀྲ་ཤིས།", "་" * 5, "ཀི་" * 60]
    told = page.js(
        "return arguments[0].map((text) => checkText(text, desk.clip).map((one) => one.code))",
        texts,
    )
    codes = {"M042", "M043", "M044", "M045", "M046", "M047"}
    for text, shown in zip(texts, told, strict=True):
        found = {one.code for one in check_text(text, "bo", 3.2)} & codes
        assert set(shown) == found, [hex(ord(c)) for c in text]
