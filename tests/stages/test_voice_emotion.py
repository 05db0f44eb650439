"""A named model listens to a clip; `emotion` weighs it beside the face where it is asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emotion.test_voice_model import write_classifier
from tthd_tools.clip import Clip
from tthd_tools.errors import PipelineError
from tthd_tools.pipeline import load_pipeline
from tthd_tools.stages.voice_emotion import VoiceEmotion, VoiceEmotionPart
from tthd_tools.testing import run_stage


def test_a_clip_gets_the_label_and_odds_of_its_voice(clip: Clip, tmp_path: Path) -> None:
    model = str(write_classifier(tmp_path / "model"))
    stage, facts = VoiceEmotion(model=model).resolve()
    assert facts["voice"] == model
    (made,) = run_stage(stage, clip, tmp_path / "out")
    part = made.part(VoiceEmotionPart)
    assert (part.label, part.model, len(part.odds)) == ("happy", model, 7)
    assert part.confidence == pytest.approx(0.711, abs=0.001)


def test_emotion_asks_for_it_where_the_voice_is_to_count(tmp_path: Path) -> None:
    text = "stages: [scenes, tracks, expression]\ncorpus:\n  - emotion: {voice: true}\n"
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(PipelineError, match="emotion needs what voice_emotion makes"):
        load_pipeline(path)
    path.write_text(text.replace("expression]", "expression, voice_emotion]"))
    assert [stage.name for stage in load_pipeline(path).stages][-1] == "voice_emotion"
