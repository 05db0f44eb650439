"""Tiny CTC models of the true architectures with random weights, written by save_pretrained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TIBETAN = {token: at for at, token in enumerate(["<pad>", "<unk>", "|", "་", *"ཀཁགངབདརལསཤིེོྲ"])}
SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
CONVOLUTIONS = {
    "intermediate_size": 16,
    "conv_dim": [8] * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}


def write_tiny(
    folder: Path, kind: str = "wav2vec2", vocabulary: Any = TIBETAN, **more: Any
) -> Path:
    """Write a model of that kind with ``vocabulary`` into ``folder``, and return the folder."""
    import torch
    from transformers import (
        HubertConfig,
        HubertForCTC,
        SeamlessM4TFeatureExtractor,
        Wav2Vec2BertConfig,
        Wav2Vec2BertForCTC,
        Wav2Vec2Config,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForCTC,
    )

    torch.manual_seed(0)
    columns = next(iter(vocabulary.values()))
    size = len(vocabulary if isinstance(columns, int) else columns)
    options = {**SMALL, "vocab_size": size, "pad_token_id": 0, **more}
    features = Wav2Vec2FeatureExtractor(do_normalize=True)
    if kind == "wav2vec2-bert":
        config = Wav2Vec2BertConfig(intermediate_size=16, output_hidden_size=16, **options)
        model, features = Wav2Vec2BertForCTC(config), SeamlessM4TFeatureExtractor()
    elif kind == "hubert":
        model = HubertForCTC(HubertConfig(**CONVOLUTIONS, **options))
    else:
        model = Wav2Vec2ForCTC(Wav2Vec2Config(**CONVOLUTIONS, **options))
    model.save_pretrained(folder)
    features.save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    return folder
