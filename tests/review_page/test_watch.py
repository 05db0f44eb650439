"""What a reviewer sees and hears of a clip, in a page that was opened from disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.review_page.browser import Page
from tthd_tools.pipeline import find_pipeline, load_pipeline
from tthd_tools.review.bundle import Bundle, read_keymap
from tthd_tools.review.export import export
from tthd_tools.review.transcript import spread
from tthd_tools.stages.masks import MasksPart, unpack_masks
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.text.syllables import syllables

LEFT, RIGHT, SHIFT = "\ue012", "\ue014", "\ue008"


def pixel(page: Page, x: float, y: float) -> list[int]:
    """RGBA of the overlay at a place in 0..1."""
    return list(
        page.js(
            "const c = overlays.canvas; return Array.from(c.getContext('2d').getImageData("
            "Math.floor(arguments[0] * c.width), Math.floor(arguments[1] * c.height), 1, 1).data)",
            x,
            y,
        )
    )


def test_it_plays_and_pauses_with_sound(page: Page) -> None:
    page.keys(" ")
    page.until_js("player.video.currentTime > 0.2 && !player.video.paused")
    assert page.text("#play").startswith("Pause")
    page.keys(" ")
    page.until_js("player.video.paused")
    assert page.js("return player.video.webkitAudioDecodedByteCount") > 0
    assert page.js("return player.video.duration") == pytest.approx(3.2, abs=0.05)


def test_arrows_step_by_one_frame_and_by_a_second(page: Page) -> None:
    page.keys(RIGHT, RIGHT, RIGHT)
    page.until_js("!player.video.seeking && player.frame === 3")
    assert page.js("return player.video.currentTime") == pytest.approx(3.5 / 25, abs=1e-3)
    page.chord(SHIFT, RIGHT)
    page.keys(LEFT)
    page.until_js("!player.video.seeking && player.frame === 27")
    assert page.text("#clock") == "1.08 s · 27"
    for _ in range(2):
        page.chord(SHIFT, LEFT)
    assert page.js("return player.frame") == 0


def test_a_pause_stands_on_a_whole_frame_and_a_step_is_one_frame(page: Page) -> None:
    where = "return [player.video.currentTime * 25, player.frame]"
    for _ in range(5):
        before = page.js("return player.frame")
        page.keys(" ")
        page.until_js(f"player.frame > {before + 5}")
        page.keys(" ")
        page.until_js(
            "player.video.paused && Math.abs(player.video.currentTime * 25 % 1 - 0.5) < 0.03"
        )
        page.until_js("!player.video.seeking")
        time, frame = page.js(where)
        assert time == pytest.approx(frame + 0.5, abs=0.03)
        page.keys(RIGHT)
        page.until_js("!player.video.seeking")
        assert page.js(where) == [pytest.approx(frame + 1.5, abs=0.03), frame + 1]


def test_a_clip_that_has_ended_stands_on_its_last_frame_and_plays_anew(page: Page) -> None:
    page.keys("l")
    page.js("player.seekFrame(70)")
    page.keys(" ")
    page.until_js("player.video.ended && player.frame === 79")
    page.keys(" ")
    page.until_js("!player.video.paused && player.frame > 3 && player.frame < 60")


def test_the_frame_on_the_screen_is_the_one_that_is_named(page: Page) -> None:
    page.js(
        "window.seen = null; player.video.requestVideoFrameCallback((now, facts) => "
        "{ window.seen = facts.mediaTime; })"
    )
    page.js("player.seekFrame(33)")
    assert page.until_js("window.seen") == pytest.approx(33 / 25, abs=1e-3)


def test_speed_and_loop_have_their_keys(page: Page) -> None:
    page.keys(".", "l")
    assert page.text("#speed") == "1.5×"
    assert page.js("return player.video.playbackRate") == 1.5
    assert page.js("return player.video.loop") is False
    page.keys(",", ",", "l")
    assert page.text("#speed") == "0.75×"
    assert page.js("return player.video.loop") is True


def test_masks_lie_where_they_were_measured(page: Page, bundle: Bundle) -> None:
    clip = bundle.clips[page.ready()]
    masks = unpack_masks(clip.arrays(MasksPart, "masks.npz"))
    page.until_js("overlays.masks")
    page.js("player.seekFrame(40)")
    assert pixel(page, 0.5, 0.5)[3] == 0
    page.keys("m")
    for y, x in ((64, 64), (3, 3), (100, 64), (20, 100)):
        expected = any(masks[name][40, y, x] for name in ("face", "mouth", "person"))
        assert (pixel(page, (x + 0.5) / 128, (y + 0.5) / 128)[3] > 0) == expected, (x, y)
    mouth = np.argwhere(masks["mouth"][40]).mean(axis=0)
    red, green, _, alpha = pixel(page, (mouth[1] + 0.5) / 128, (mouth[0] + 0.5) / 128)
    assert alpha > 0
    assert red > green
    page.keys("m")
    assert pixel(page, 0.5, 0.5)[3] == 0


def test_mesh_and_box_follow_the_face(page: Page, bundle: Bundle) -> None:
    points = TracksPart.points(bundle.clips[page.ready()], 1)[60]
    page.until_js("overlays.mesh")
    page.js("player.seekFrame(60)")
    page.keys("p")
    for index in (1, 33, 263, 152):
        assert pixel(page, *map(float, points[index, :2]))[3] > 100, index
    page.keys("p", "b")
    left, top = points[:, :2].min(axis=0)
    assert pixel(page, float(left), float(points[:, 1].mean()))[3] > 100
    assert pixel(page, float(points[:, 0].mean()), float(top))[3] > 100


def test_the_whole_picture_shows_what_the_crop_leaves_out(page: Page) -> None:
    page.keys("o")
    page.until_js("document.querySelector('#still').naturalWidth === 256")
    assert page.is_shown("#still")
    page.keys("o")
    assert not page.is_shown("#still")


def ink(page: Page, top: float, bottom: float) -> int:
    """Painted pixels of a horizontal band of the time line."""
    return int(
        page.js(
            "const c = timeline.canvas; const y = Math.round(arguments[0] * c.height);"
            "const d = c.getContext('2d').getImageData(0, y, c.width, "
            "Math.round((arguments[1] - arguments[0]) * c.height)).data;"
            "let n = 0; for (let k = 3; k < d.length; k += 4) n += d[k] > 40; return n;",
            top,
            bottom,
        )
    )


def test_waveform_and_spectrum_are_drawn(page: Page) -> None:
    page.until_js("timeline.peaks && timeline.spectrum && timeline.speech")
    assert ink(page, 0, 0.5) > 5000
    assert ink(page, 0.5, 1) > 5000


def test_peaks_are_those_of_the_sound(page: Page, bundle: Bundle) -> None:
    from tthd_tools.media import read_audio
    from tthd_tools.stages.encode import EncodePart

    clip = bundle.clips[page.ready()]
    sound = read_audio(clip.file(EncodePart, "audio.wav"), 0.0, 3.2)
    loudest = int(np.abs(sound).argmax()) // 40
    peaks = np.array(page.until_js("timeline.peaks && Array.from(timeline.peaks)")).reshape(2, -1)
    assert peaks.shape == (2, 1280)
    assert np.abs(peaks).max(axis=0).argmax() == loudest
    assert peaks[1].max() == round(max(float(sound.max()), 0) * 127)


def test_the_playhead_is_driven_by_the_picture(page: Page) -> None:
    page.js("player.seekFrame(40)")
    width = page.js("return timeline.canvas.clientWidth")
    moved = page.js("return timeline.head.style.transform")
    assert float(moved.removeprefix("translateX(").removesuffix("px)")) == pytest.approx(
        width * 40.5 / 80, abs=1
    )


def test_zoom_turns_the_page_with_the_playhead(page: Page) -> None:
    page.keys("w", "w")
    assert page.js("return timeline.zoom") == 4
    page.js("player.seekFrame(70)")
    first = page.js("return timeline.first_s")
    assert first <= 70 / 25 < first + 3.2 / 4
    page.keys("w", "w")
    assert page.js("return [timeline.zoom, timeline.first_s]") == [1, 0]


def test_syllables_stand_in_their_order_and_are_said_to_be_spread(page: Page) -> None:
    assert page.js(
        "return Array.from(document.querySelectorAll('#lane button'), (one) => one.textContent)"
    ) == ["བཀྲ", "ཤིས"]
    assert "not aligned" in page.text("#timeline-note")


LANE = "return Array.from(document.querySelectorAll('#lane button'), (one) => one.textContent)"


def test_the_lane_has_the_syllables_of_a_corrected_text(page: Page) -> None:
    first = page.ready()
    page.keys("e")
    page.until_js("document.activeElement.id === 'editor'")
    page.keys("བོད", "\ue00c")
    assert page.js(LANE) == ["བཀྲ", "ཤིས", "བོད"]
    assert page.js(
        "return Array.from(document.querySelectorAll('#text span'), (one) => one.textContent)"
    ) == ["བཀྲ", "ཤིས", "བོད"]
    page.keys("s")
    page.until_js(f"document.body.dataset.clip !== '{first}'")
    page.js("desk.show(arguments[0])", first)
    page.until_js(f"document.body.dataset.clip === '{first}'")
    assert page.js(LANE) == ["བཀྲ", "ཤིས", "བོད"], "also after the vote"


def test_the_lane_has_the_syllables_of_a_merged_correction(
    shown: Callable[..., Page], bundle: Bundle
) -> None:
    first = next(iter(bundle.clips))
    page = shown(corrections={first: {"text": "ང་ཚོ་བོད་པ་ཡིན།"}})
    assert page.text("#text-status") == "Corrected"
    assert page.js(LANE) == ["ང", "ཚོ", "བོད", "པ", "ཡིན"]
    assert "not aligned" in page.text("#timeline-note")


def test_syllables_in_the_page_are_those_of_the_text_rules(page: Page) -> None:
    random = Random(3)
    letters = "ཀཁགངབསརླཱིེུྐྱྲྟཱྀུ་།༌ \u200b༡༢ཿཾ༄༅ༀab1.,'’中ター"
    texts = ["".join(random.choices(letters, k=random.randint(1, 14))) for _ in range(300)]
    for is_tibetan, language in ((True, "bo"), (False, "en")):
        split = "return arguments[0].map((text) => splitSyllables(text, arguments[1]))"
        assert page.js(split, texts, is_tibetan) == [syllables(text, language) for text in texts]


def test_syllables_in_the_page_are_spread_over_speech_alone(page: Page) -> None:
    speech = np.zeros(100, np.bool_)
    speech[10:35] = speech[60:90] = True
    for runs, known in (([[0.4, 1.4], [2.4, 3.6]], speech), ([], None)):
        for count in (0, 1, 3, 4):
            found = page.js(
                "return spread(Array(arguments[0]).fill('a'), { speech_s: arguments[1], "
                "duration_s: 4 }).map((one) => [one.start_s, one.end_s])",
                count,
                runs,
            )
            assert found == [pytest.approx(list(span)) for span in spread(count, known, 4.0)]


def test_a_syllable_is_played_alone_and_shown_large(page: Page) -> None:
    button = page.driver.find_element("css selector", "#lane button:nth-child(2)")
    page.js("player.video.playbackRate = 2")
    button.click()
    page.until_js("document.querySelector('#lane button:nth-child(2).now')")
    page.until_js("player.video.paused && player.stopAt_s === null")
    start_s, end_s = page.js("const s = timeline.clip.syllables[1]; return [s.start_s, s.end_s]")
    assert start_s < page.js("return player.video.currentTime") < end_s + 0.02
    marked = page.js("return document.querySelector('#text .now').textContent")
    assert marked == "ཤིས"


def test_forms_of_the_text_follow_a_key(page: Page) -> None:
    pytest.importorskip("pyewts", reason="Wylie needs the extra tibetan")
    assert page.text("#text") == "བཀྲ་ཤིས།"
    page.keys("t", "t")
    assert page.text("#text") == "bkra shis/"


def test_tibetan_has_its_font_and_room(page: Page) -> None:
    page.until_js("document.fonts.status === 'loaded'")
    loaded: Any = page.js(
        "return Array.from(document.fonts, (one) => [one.family.replaceAll('\"', ''), one.status])"
    )
    assert loaded == [["Noto Serif Tibetan", "loaded"]]
    size, height = page.js(
        "const s = getComputedStyle(document.querySelector('#text'));"
        "return [parseFloat(s.fontSize), parseFloat(s.lineHeight)]"
    )
    assert height >= 2 * size


def test_scores_have_value_limit_colour_and_word(page: Page) -> None:
    rows = page.js(
        "return Array.from(document.querySelectorAll('#scores tr'), (row) => "
        "[row.dataset.state, row.innerText.split(/\\s*\\t\\s*/).join('|')])"
    )
    assert len(rows) == len(load_pipeline(find_pipeline("tthd")).policy)
    assert ["pass", "Length|3.2 s|≥ 3|pass"] in rows
    warned = [text for state, text in rows if state == "warn"]
    assert all(text.endswith("|warn") for text in warned)
    colours = page.js(
        "return Array.from(document.querySelectorAll('#scores .state span'), (one) => "
        "getComputedStyle(one).color)"
    )
    assert len(set(colours)) == len({state for state, _ in rows})


def test_unknown_rights_are_told(page: Page) -> None:
    assert "internal use only" in page.text("#consent")
    assert "unknown" in page.text("#consent dl")


@pytest.fixture(scope="module")
def long_named(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page with one clip, whose id and tags are as long as they can be."""
    first = next(iter(bundle.clips.values()))
    item = first.item.model_copy(update={"language": "adx-x-gserpa", "dialect": "u-tsang"})
    clip = replace(first, id=f"{('th09-woman-' * 6)[:63]}_0042", item=item)
    one = replace(bundle, clips={clip.id: clip}, rows={clip.id: bundle.rows[first.id]})
    out = tmp_path_factory.mktemp("long") / "review"
    export(one, out, read_keymap(), reviewer="tashi")
    return (out / "index.html").as_uri()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1280, 720), (1920, 1080)])
def test_nothing_scrolls(browser: Page, long_named: str, width: int, height: int) -> None:
    page = browser
    page.open(long_named)
    name = page.ready()
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.until_js(f"innerWidth === {width}")
    sizes = page.js(
        "const r = document.documentElement; return [r.scrollWidth, r.scrollHeight,"
        "document.body.scrollWidth, document.body.scrollHeight]"
    )
    assert sizes == [width, height, width, height]
    outside = page.js(
        "return Array.from(document.querySelectorAll('button, select, output, h1, h2, tr'))"
        ".filter((one) => one.offsetHeight && !one.closest('#lane, dialog')).filter((one) => {"
        "const a = one.getBoundingClientRect(); const c = (one.closest('.card') ?? document.body)"
        ".getBoundingClientRect(); return a.right > c.right + 1 || a.bottom > c.bottom + 1; })"
        ".map((one) => one.outerHTML.slice(0, 80))"
    )
    assert outside == []
    shown = "return [document.querySelector('#clip-name').title, document.querySelector("
    shown += "'#clip-name .stem').offsetWidth > 150]"
    assert page.js(shown) == [name, True]
    assert page.text("#clip-name").endswith("_0042")
    assert page.js(
        "const s = document.querySelector('.screen'); return s.offsetWidth === s.offsetHeight"
    ), "no bars beside the picture"


def test_only_files_of_the_folder_are_read(page: Page, folder: Path) -> None:
    page.keys("m", "o")
    page.until_js("overlays.masks")
    asked = page.requests()
    home = folder.as_uri()
    assert [one for one in asked if not one.startswith((home, "data:", "blob:"))] == []
    clips = {one for one in asked if one.endswith(".js") and "/clips/" in one}
    assert len(clips) == 2, "the clip that is shown and the next one, no more"
    assert page.complaints() == []
