"""A CTC model's emissions of an item: on the item's clock, of what its language needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.alignment.tiny import TIBETAN, write_tiny
from tthd_tools.alignment.emissions import read_emissions
from tthd_tools.alignment.forced import align_text
from tthd_tools.clip import Clip, Span
from tthd_tools.errors import StageError, WeightsError
from tthd_tools.media import read_audio, write_wav
from tthd_tools.pipeline import Step, load_pipeline, make_plan
from tthd_tools.stages.emissions import Emissions, EmissionsPart
from tthd_tools.testing import dummy_item, run_stage

pytest.importorskip("transformers", reason="pip install 'tthd-tools[ctc]'")

TOKENS = TIBETAN | {"あ": len(TIBETAN), "中": len(TIBETAN) + 1}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("model"), vocabulary=TOKENS)


@pytest.fixture
def item(clip: Clip) -> Clip:
    """The dummy clip's source as an item in Tibetan."""
    said = dummy_item(language="bo", duration_s=5.0)
    return replace(clip, level="item", item=said, span=Span(0.0, 5.0), parts={}, folders={})


def heard(item: Clip, folder: Path, model: Path, **options: float) -> Clip:
    stage, _ = Emissions(model=str(model), **options).resolve()  # type: ignore[arg-type]
    (made,) = run_stage(stage, item, folder)
    return made


def test_the_item_itself_goes_on_with_its_emissions(item: Clip, folder: Path, model: Path) -> None:
    made = heard(item, folder, model)
    assert (made.id, made.level) == (item.id, "item")
    assert made.part(EmissionsPart) == EmissionsPart(
        frames=250, stride_s=0.02, model=str(model), licence="unknown", tokens=len(TIBETAN) - 1
    )
    found = made.arrays(EmissionsPart)
    assert found["log_probs"].dtype == np.float16
    assert found["log_probs"].shape == (250, len(TIBETAN) - 1)
    assert found["star"].shape == (250,)


def test_what_the_language_cannot_need_is_not_kept_but_counts_for_the_star(
    item: Clip, folder: Path, model: Path
) -> None:
    found = heard(item, folder, model).arrays(EmissionsPart)
    tokens = found["tokens"].tolist()
    assert tokens[:2] == ["<pad>", "|"]
    assert sorted(tokens) == sorted(set(TIBETAN) - {"<unk>"})
    assert (found["star"] >= found["log_probs"][:, 1:].max(axis=1)).all()
    assert (found["star"] > found["log_probs"][:, 1:].max(axis=1)).any()


def test_windows_do_not_move_a_frame(item: Clip, tmp_path: Path, model: Path) -> None:
    whole = heard(item, tmp_path / "whole", model).arrays(EmissionsPart)["log_probs"]
    windows = heard(item, tmp_path / "windows", model, window_s=1, context_s=2)
    again = windows.arrays(EmissionsPart)["log_probs"]
    assert again.shape == whole.shape
    errors = [
        np.abs(whole[20:-20] - np.roll(again, by, axis=0)[20:-20]).mean() for by in (-1, 0, 1)
    ]
    assert np.argmin(errors) == 1


def test_the_same_item_gives_the_same_bytes(item: Clip, tmp_path: Path, model: Path) -> None:
    for name in ("one", "two"):
        heard(item, tmp_path / name, model)
    one, two = ((tmp_path / name / "features.npz").read_bytes() for name in ("one", "two"))
    assert one == two


def test_they_are_read_back_for_alignment(item: Clip, folder: Path, model: Path) -> None:
    made = heard(item, folder, model)
    emissions = read_emissions(made)
    assert emissions is not None
    assert (len(emissions), emissions.stride_s, emissions.vocabulary.blank) == (250, 0.02, 0)
    found = align_text(emissions, "བོད་སྐད།", "bo")
    assert [one.unit.text for one in found.spoken] == ["བོད", "སྐད"]
    assert found.spelling.dropped[0].text == "ྐ"
    piece = align_text(emissions.between(2.0, 4.0), "བོད་སྐད།", "bo").spoken
    assert all(2.0 <= one.start_s < one.end_s <= 4.0 for one in piece)


def test_an_item_without_sound_goes_on_without_frames(
    item: Clip, tmp_path: Path, model: Path
) -> None:

    silent = replace(item, source=silent_film(tmp_path / "silent.mp4"), span=Span(0, 1))
    made = heard(silent, tmp_path / "stage", model)
    assert (made.part(EmissionsPart).frames, made.part(EmissionsPart).tokens) == (0, 0)
    assert not (tmp_path / "stage" / "features.npz").exists()
    assert read_emissions(made) is None
    assert read_emissions(item) is None


def test_resolving_names_the_model_and_its_files(model: Path) -> None:
    stage, facts = Emissions(model=str(model)).resolve()
    assert stage == Emissions(model=str(model))
    assert facts["ctc"] == str(model)
    assert {"ctc weights model.safetensors", "ctc weights vocab.json"} <= set(facts)


def test_only_the_language_and_the_options_change_the_fingerprint(item: Clip, model: Path) -> None:
    def of(clip: Clip, **options: float) -> str:
        return Step(*Emissions(model=str(model), **options).resolve()).fingerprint(clip)  # type: ignore[arg-type]

    other_text = replace(item, item=item.item.model_copy(update={"text_norm": "ཀ"}))
    other_language = replace(item, item=item.item.model_copy(update={"language": "en"}))
    assert of(other_text) == of(item)
    assert of(other_language) != of(item)
    assert of(item, window_s=10) != of(item)


def test_it_stands_before_scenes_in_a_pipeline(tmp_path: Path, model: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"stages: [emissions: {{model: '{model}'}}, scenes]\n", encoding="utf-8")
    plan = make_plan(load_pipeline(path))
    assert [step.name for step in plan.steps] == ["emissions", "scenes"]


def test_without_a_model_the_pipeline_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    path = tmp_path / "mine.yaml"
    path.write_text("stages: [emissions, scenes]\n", encoding="utf-8")
    with pytest.raises(WeightsError, match="no CTC model that is free to use"):
        make_plan(load_pipeline(path))


def test_an_item_without_a_language_fails_where_the_model_must_know_it(
    item: Clip, tmp_path: Path
) -> None:
    from tests.alignment.test_emitter import with_adapters

    folder = with_adapters(tmp_path / "mms")
    nameless = replace(item, item=item.item.model_copy(update={"language": None}))
    with pytest.raises(StageError, match="needs to know the language"):
        heard(nameless, tmp_path / "stage", folder)
    assert heard(item, tmp_path / "stage", folder).part(EmissionsPart).frames == 250


def test_sound_is_read_as_everywhere_else(item: Clip, tmp_path: Path, model: Path) -> None:
    wav = tmp_path / "sound.wav"
    write_wav(wav, read_audio(item.source, 0.0, 5.0))
    from_wav = heard(replace(item, source=wav), tmp_path / "wav", model)
    from_film = heard(item, tmp_path / "film", model)
    first, second = (one.arrays(EmissionsPart)["log_probs"] for one in (from_wav, from_film))
    np.testing.assert_allclose(first, second, atol=0.02)


def silent_film(path: Path) -> Path:
    """A second of grey without a sound stream."""
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, width=64, height=64, pix_fmt="yuv420p")
        for _ in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path
