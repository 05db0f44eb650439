"""Stages are found by their file, and share a decode without disturbing each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acts import Count, CountPart, Luma, LumaPart, Pieces, Rank, film
from tthd_tools.clip import Clip, ClipFrame, Span
from tthd_tools.errors import MediaError
from tthd_tools.stage import (
    ClipStage,
    CorpusStage,
    Fit,
    Watch,
    part_columns,
    share_frames,
    stage_class,
    stage_names,
)
from tthd_tools.testing import dummy_item


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    path = film(tmp_path_factory.mktemp("stage") / "a.mp4", 40, frames=10)
    return Clip("a", "clip", dummy_item(), path, Span(0.0, 0.4))


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with each decode of a clip."""
    calls: list[str] = []
    frames = Clip.frames

    def counted(clip: Clip) -> Iterator[ClipFrame]:
        calls.append(clip.id)
        return frames(clip)

    monkeypatch.setattr(Clip, "frames", counted)
    return calls


def counting(clip: Clip) -> Watch:
    frames = 0
    while (yield) is not None:
        frames += 1
    return clip.with_part(CountPart(frames=frames))


def breaking(clip: Clip, at: int) -> Watch:
    for _ in range(at):
        yield
    raise ValueError(f"at {at}")


def early(clip: Clip) -> Watch:
    frame = yield
    assert frame is not None
    return clip.with_part(CountPart(frames=1))


def endless(clip: Clip) -> Watch:
    while True:
        yield


def test_one_decode_serves_all(clip: Clip, decodes: list[str], tmp_path: Path) -> None:
    luma, count = share_frames(
        clip, [Luma().watch(clip, tmp_path), Count(step=2).watch(clip, tmp_path)]
    )
    assert decodes == ["a"]
    assert isinstance(luma.outcome, Clip)
    assert isinstance(count.outcome, Clip)
    assert luma.outcome.has(LumaPart)
    assert not luma.outcome.has(CountPart)
    assert count.outcome.part(CountPart).frames == 20
    assert luma.seconds > 0


@pytest.mark.parametrize("at", [0, 1, 4, 10, 11])
def test_one_that_breaks_leaves_the_others_undisturbed(at: int, clip: Clip) -> None:
    first, broken, last = share_frames(clip, [counting(clip), breaking(clip, at), counting(clip)])
    for whole in (first, last):
        assert isinstance(whole.outcome, Clip)
        assert whole.outcome.part(CountPart).frames == 10
    assert repr(broken.outcome) == f"ValueError('at {at}')"


def test_one_may_end_early_and_if_all_do_decoding_ends(
    clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def frames(clip: Clip) -> Iterator[ClipFrame]:
        for k in range(5):
            seen.append(k)
            yield ClipFrame(k, k / 25, None, None)  # type: ignore[arg-type]

    monkeypatch.setattr(Clip, "frames", frames)
    one, two = share_frames(clip, [early(clip), early(clip)])
    assert isinstance(one.outcome, Clip)
    assert isinstance(two.outcome, Clip)
    assert seen == [0, 1]


def test_one_that_does_not_end_is_a_fault_of_its_own(clip: Clip) -> None:
    bad, good = share_frames(clip, [endless(clip), counting(clip)])
    assert "goes on after the last frame" in str(bad.outcome)
    assert isinstance(good.outcome, Clip)


def test_source_that_breaks_off_is_raised_and_all_are_closed(tmp_path: Path, clip: Clip) -> None:
    closed = []

    def holding(clip: Clip) -> Watch:
        try:
            while (yield) is not None:
                pass
        finally:
            closed.append(True)
        return clip

    junk = tmp_path / "junk.mp4"
    junk.write_bytes(b"no film")
    with pytest.raises(MediaError):
        share_frames(Clip("a", "clip", dummy_item(), junk, Span(0, 1)), [holding(clip)] * 1)
    assert closed == [True]


def test_stage_that_watches_can_run_alone(clip: Clip, tmp_path: Path) -> None:
    (done,) = Count().process(clip, tmp_path)
    assert done.part(CountPart).frames == 10
    assert Count().shares_frames
    assert not Pieces().shares_frames


def test_stage_that_watches_raises_what_went_wrong(clip: Clip, tmp_path: Path) -> None:
    class Breaking(Count):
        def watch(self, clip: Clip, folder: Path) -> Watch:
            return breaking(clip, 2)

    with pytest.raises(ValueError, match="at 2"):
        list(Breaking().process(clip, tmp_path))


def test_stage_must_override_something(clip: Clip, tmp_path: Path) -> None:
    class Idle(ClipStage):
        provides = CountPart

    class IdleCorpus(CorpusStage):
        provides = CountPart

    with pytest.raises(TypeError, match="overrides no way to measure"):
        list(Idle().process(clip, tmp_path))
    assert IdleCorpus().fit([], tmp_path) == Fit()
    with pytest.raises(TypeError, match="does not override process"):
        IdleCorpus().process(clip, Fit(), tmp_path)
    assert IdleCorpus().name == "test_stage"
    assert IdleCorpus().resolve() == (IdleCorpus(), {})


def test_stages_are_found_by_their_files() -> None:
    assert "masks" in stage_names()
    assert stage_class("masks").__name__ == "Masks"
    with pytest.raises(KeyError, match="mask"):
        stage_class("mask")


def test_file_with_two_stages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from tthd_tools.stages import masks

    class Second(Count):
        pass

    Second.__module__ = masks.__name__
    monkeypatch.setattr(masks, "Second", Second, raising=False)
    with pytest.raises(TypeError, match=r"stages\.masks must hold exactly one stage, has 2"):
        stage_class("masks")


def test_columns_carry_the_name_of_their_stage() -> None:
    assert part_columns(Rank.provides) == {"rank_share": float, "rank_fit_id": str}
