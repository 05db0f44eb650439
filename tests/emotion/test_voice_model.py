"""A classifier of voices is asked, whatever its words for emotions; what it is not is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.speech.sounds import say
from tthd_tools import hub
from tthd_tools.emotion.face import NAMES, PRIOR
from tthd_tools.emotion.voice_model import VoiceModel, find_voice_model
from tthd_tools.errors import UsageError, WeightsError

IEMOCAP = ("neu", "hap", "ang", "sad")


def write_classifier(folder: Path, words: tuple[str, ...] = IEMOCAP, says: int = 1) -> Path:
    """A tiny audio classifier that says one of its words, whatever it hears."""
    torch = pytest.importorskip("torch", reason="pip install 'tthd-tools[ctc]'")
    pytest.importorskip("transformers", reason="pip install 'tthd-tools[ctc]'")
    from transformers import (
        Wav2Vec2Config,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForSequenceClassification,
    )

    torch.manual_seed(0)
    config = Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=[8] * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        classifier_proj_size=8,
        num_labels=len(words),
        id2label=dict(enumerate(words)),
        label2id={word: at for at, word in enumerate(words)},
    )
    network = Wav2Vec2ForSequenceClassification(config)
    with torch.no_grad():
        network.classifier.weight.zero_()
        network.classifier.bias.zero_()
        network.classifier.bias[says] = 2.0
    network.save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    return folder


def test_its_words_are_ours_and_what_it_does_not_know_stays_as_likely_as_before(
    tmp_path: Path,
) -> None:
    model = VoiceModel(write_classifier(tmp_path))
    assert model.knows == ["neutral", "happy", "sad", "angry"]
    odds = model(say(1, 3.0)[0])
    assert odds is not None
    assert odds.sum() == pytest.approx(1.0)
    unknown = [NAMES.index(name) for name in NAMES if name not in model.knows]
    assert odds[unknown] == pytest.approx(PRIOR[unknown])
    label, confidence = model.likeliest(odds)
    assert label == "happy"
    assert confidence == pytest.approx(np.exp(2) / (np.exp(2) + 3), abs=1e-3)
    assert model(say(1, 25.0)[0]) == pytest.approx(odds, abs=1e-6)
    assert model(np.zeros(4000, np.float32)) is None


def test_what_is_no_such_model_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WeightsError, match="knows cat, dog, which are no emotions"):
        VoiceModel(write_classifier(tmp_path / "pets", ("cat", "dog")))
    damaged = write_classifier(tmp_path / "damaged")
    (damaged / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(WeightsError, match="cannot be used as a model of emotions in voices"):
        VoiceModel(damaged)
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsError, match="holds no model of transformers"):
        find_voice_model(str(tmp_path / "empty"))
    with pytest.raises(UsageError, match="'nobody' is no folder and no repository"):
        find_voice_model("nobody")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(WeightsError, match="owner/name is not on this machine; fetch it with `hf"):
        find_voice_model("owner/name")
    monkeypatch.setattr(hub, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"speech-emotion models need torch.*\[ctc\]"):
        find_voice_model("owner/name")


def test_its_files_are_facts(tmp_path: Path) -> None:
    one = find_voice_model(str(write_classifier(tmp_path / "one"))).facts
    two = find_voice_model(str(write_classifier(tmp_path / "two", says=2))).facts
    assert one["voice weights model.safetensors"] != two["voice weights model.safetensors"]
    assert one["voice package torch"] == two["voice package torch"]


def test_what_only_training_needs_may_be_left_out_of_the_files(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    path = write_classifier(tmp_path) / "model.safetensors"
    weights = load_file(path)
    embedding = next((name for name in weights if name.endswith("masked_spec_embed")), None)
    assert embedding is not None
    save_file(
        {name: one for name, one in weights.items() if name != embedding}, path, {"format": "pt"}
    )
    assert VoiceModel(tmp_path).knows == ["neutral", "happy", "sad", "angry"]
    head = next(name for name in weights if name.startswith("classifier.weight"))
    save_file({name: one for name, one in weights.items() if name != head}, path, {"format": "pt"})
    with pytest.raises(WeightsError, match=r"lacks the weights classifier\.weight, so"):
        VoiceModel(tmp_path)
