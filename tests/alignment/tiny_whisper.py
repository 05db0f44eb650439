"""A Whisper model of the true architecture with random weights, as faster-whisper loads it."""

from __future__ import annotations

import json
from pathlib import Path

FILLER = "filler"


def write_tiny_whisper(folder: Path) -> Path:
    """Write one that knows all languages, spells with single bytes and says ``k``; its folder."""
    import torch
    from ctranslate2.converters import TransformersConverter
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import (
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperTokenizerFast,
    )
    from transformers.models.whisper.tokenization_whisper import LANGUAGES, bytes_to_unicode

    languages = [f"<|{code}|>" for code in LANGUAGES]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    times = [f"<|{0.02 * step:.2f}|>" for step in range(1501)]
    special = ["<|endoftext|>", "<|startoftranscript|>", *languages]
    special += [*(f"<|{task}|>" for task in tasks), *times]
    spelled = [*bytes_to_unicode().values(), FILLER, *special]
    columns = {token: at for at, token in enumerate(spelled)}
    words = Tokenizer(models.BPE(vocab=columns, merges=[]))
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    words.add_special_tokens([AddedToken(token, special=True) for token in special])
    end = "<|endoftext|>"
    tokenizer = WhisperTokenizerFast(
        tokenizer_object=words, unk_token=end, bos_token=end, eos_token=end
    )
    torch.manual_seed(0)
    ends = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), columns[end])
    sizes = {"d_model": 64, "encoder_layers": 1, "decoder_layers": 1}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    network = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=len(spelled),
            encoder_ffn_dim=64,
            decoder_ffn_dim=64,
            decoder_start_token_id=columns["<|startoftranscript|>"],
            **sizes,
            **heads,
            **ends,
        )
    )
    with torch.no_grad():  # whatever it hears, it says one letter and ends
        network.model.decoder.layer_norm.weight.zero_()
        network.model.decoder.layer_norm.bias.fill_(1)
        rows = network.model.decoder.embed_tokens.weight
        rows[columns[end]], rows[columns["k"]] = 1, 0.5
    source, made = folder / "source", folder / "whisper"
    network.save_pretrained(source)
    tokenizer.save_pretrained(source)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(source)
    files = ["tokenizer.json", "preprocessor_config.json"]
    TransformersConverter(str(source), copy_files=files).convert(str(made))
    lists = {
        "alignment_heads": [[0, 0]],
        "lang_ids": [columns[one] for one in languages],
        "suppress_ids": [],
        "suppress_ids_begin": [columns[end]],
    }
    (made / "config.json").write_text(json.dumps(lists), encoding="utf-8")
    listed = made / "vocabulary.json"  # a model with an empty token knows more than English
    listed.write_text(listed.read_text("utf-8").replace(f'"{FILLER}"', '""'), encoding="utf-8")
    return made
