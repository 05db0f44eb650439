"""Models of every architecture emit log-probabilities on one clock, or say what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.alignment.tiny import SMALL, TIBETAN, write_tiny
from tthd_tools.alignment.catalogue import CtcModel
from tthd_tools.alignment.emitter import TransformersCtc
from tthd_tools.alignment.models import ResolvedModel, resolve_model
from tthd_tools.alignment.windows import emit
from tthd_tools.errors import StageError, WeightsError

pytest.importorskip("transformers", reason="pip install 'tthd-tools[ctc]'")

SOUND = np.random.default_rng(0).standard_normal(16_000 * 3).astype(np.float32)
KINDS = ("wav2vec2", "hubert", "wav2vec2-bert")


def opened(folder: Path, **more: object) -> TransformersCtc:
    found = resolve_model(str(folder))
    entry = CtcModel("x", "x/x", "x", False, "x", **more) if more else None  # type: ignore[arg-type]
    return TransformersCtc(ResolvedModel(found.name, folder, "", entry, {}))


@pytest.mark.parametrize("kind", KINDS)
def test_each_architecture_emits_log_probabilities(kind: str, tmp_path: Path) -> None:
    emitter = opened(write_tiny(tmp_path, kind))
    found = np.concatenate(list(emit(emitter, lambda a, b: SOUND[a:b], len(SOUND), 1.0, 0.5)))
    assert (emitter.rate_hz, emitter.stride) == (16_000, 320)
    assert found.shape == (150, len(TIBETAN))
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1, rtol=1e-4)
    assert emitter.vocabulary.columns == TIBETAN
    again = opened(tmp_path)
    np.testing.assert_array_equal(again(SOUND), emitter(SOUND))


def test_the_adapter_of_wav2vec2_bert_counts_into_the_stride(tmp_path: Path) -> None:
    emitter = opened(write_tiny(tmp_path, "wav2vec2-bert", add_adapter=True))
    blocks = emit(emitter, lambda a, b: SOUND[a:b], len(SOUND), 1.0, 0.5)
    assert emitter.stride == 640
    assert sum(map(len, blocks)) == 75


def test_the_blank_is_what_the_model_says(tmp_path: Path) -> None:
    assert opened(write_tiny(tmp_path / "pad")).vocabulary.blank == 0
    named = {"<s>": 0, "<pad>": 1, "ཀ": 2}
    folder = write_tiny(tmp_path / "named", vocabulary=named, pad_token_id=1)
    assert opened(folder).vocabulary.blank == 1
    assert opened(folder, blank="<s>").vocabulary.blank == 0
    own = {"ཀ": 0, "<pad>": 1, "<blank>": 2}
    folder = write_tiny(tmp_path / "own", vocabulary=own, pad_token_id=1)
    assert opened(folder).vocabulary.blank == 2


def with_adapters(folder: Path) -> Path:
    """A tiny MMS: a vocabulary and an adapter for each of two languages."""
    from safetensors.torch import save_file
    from transformers import Wav2Vec2ForCTC

    vocabularies = {"bod": TIBETAN, "eng": {"<pad>": 0, "a": 1, "b": 2}}
    write_tiny(folder, vocabulary=vocabularies, adapter_attn_dim=4, do_stable_layer_norm=True)
    for code, tokens in vocabularies.items():
        model = Wav2Vec2ForCTC.from_pretrained(folder)
        parts = model._get_adapters()
        width = SMALL["hidden_size"]
        parts["lm_head.weight"] = parts["lm_head.weight"].new_ones(len(tokens), width)
        parts["lm_head.bias"] = parts["lm_head.bias"].new_zeros(len(tokens))
        tensors = {key: value.detach().contiguous() for key, value in parts.items()}
        save_file(tensors, folder / f"adapter.{code}.safetensors", metadata={"format": "pt"})
    return folder


def test_a_model_with_adapters_takes_that_of_the_language(tmp_path: Path) -> None:
    emitter = opened(with_adapters(tmp_path))
    assert emitter.has_adapters
    emitter.speak("bo-x-lhasa")
    assert emitter(SOUND).shape == (149, len(TIBETAN))
    assert emitter.vocabulary.columns == TIBETAN
    emitter.speak("en")
    assert emitter(SOUND).shape == (149, 3)
    assert len(emitter.vocabulary.columns) == 3
    with pytest.raises(StageError, match="no adapter for fr"):
        emitter.speak("fr")
    with pytest.raises(StageError, match="needs to know the language"):
        emitter.speak(None)


def test_a_model_without_a_head_is_refused(tmp_path: Path) -> None:
    from transformers import Wav2Vec2ForCTC

    folder = write_tiny(tmp_path)
    Wav2Vec2ForCTC.from_pretrained(folder).wav2vec2.save_pretrained(folder)
    with pytest.raises(WeightsError, match="is no model fine-tuned with CTC"):
        opened(folder)


@pytest.mark.parametrize("damage", ["model.safetensors", "vocab.json", "config.json"])
def test_a_damaged_file_is_one_sentence(damage: str, tmp_path: Path) -> None:
    (write_tiny(tmp_path) / damage).write_bytes(b"nothing of use")
    with pytest.raises(WeightsError, match="cannot be used as a CTC model"):
        opened(tmp_path)


def test_a_vocabulary_without_numbers_is_refused(tmp_path: Path) -> None:
    (write_tiny(tmp_path) / "vocab.json").write_text(json.dumps({"a": "b"}))
    with pytest.raises(WeightsError, match="does not give a number"):
        opened(tmp_path)
