"""The folder of a CTC model comes in; what it hears in sound, frame by frame, goes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.alignment.catalogue import CtcModel
from tthd_tools.alignment.models import ResolvedModel
from tthd_tools.alignment.tokens import Vocabulary
from tthd_tools.errors import StageError, WeightsError
from tthd_tools.hub import open_network, unusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WHAT = "a CTC model"


class TransformersCtc:
    """Any CTC model of transformers (Wav2Vec2, Wav2Vec2-BERT, HuBERT, MMS …), on one thread.

    An ``Emitter`` of ``windows.emit``. A model with an adapter for each language (MMS) is told the
    language by ``speak`` first. Nothing is fetched, and no code out of the model's folder is run.
    """

    def __init__(self, model: ResolvedModel) -> None:
        """Load it. Raises WeightsError where a file is missing or is no CTC model."""
        import torch
        from transformers import AutoConfig, AutoFeatureExtractor
        from transformers.utils import logging

        torch.set_num_threads(1)
        logging.disable_progress_bar()
        logging.set_verbosity_error()  # what it has to say of missing weights is an error of ours
        self._model = model
        self._code: str | None = None
        try:
            self._config = AutoConfig.from_pretrained(model.folder, local_files_only=True)
            self._features = AutoFeatureExtractor.from_pretrained(
                model.folder, local_files_only=True
            )
            self._vocabularies = _read_vocabularies(model.folder)
        except (OSError, ValueError) as error:
            raise unusable(model.folder, WHAT, error) from error
        self.rate_hz: int = self._features.sampling_rate
        self.stride: int = self._config.inputs_to_logits_ratio
        self.edge = 2 * self.stride
        self._network: Any = None
        if not self.has_adapters:
            self._load(None)

    @property
    def has_adapters(self) -> bool:
        """Whether it must be told the language."""
        return None not in self._vocabularies

    def speak(self, language: str | None) -> None:
        """Take the adapter of a language. Raises StageError where the model has none for it."""
        if not self.has_adapters:
            return
        code = adapter_code(language, self._model.entry, self._vocabularies)
        if code != self._code or self._network is None:
            self._load(code)

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens of the language in use, and which of them is the blank."""
        columns = self._vocabularies[self._code]
        named = self._model.entry.blank if self._model.entry else None
        for blank in (named, "<blank>"):
            if blank in columns:
                return Vocabulary(columns, columns[blank])
        return Vocabulary(columns, int(self._config.pad_token_id or 0))

    def __call__(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-probabilities (frames, V) of mono sound (n,) at ``rate_hz``."""
        import torch

        inputs = self._features(sound, sampling_rate=self.rate_hz, return_tensors="pt")
        with torch.inference_mode():
            logits = self._network(**inputs).logits[0]
            log_probs: NDArray[np.float32] = torch.log_softmax(logits.float(), dim=-1).numpy()
        return log_probs

    def _load(self, code: str | None) -> None:
        from transformers import AutoModelForCTC

        folder = self._model.folder
        adapter = {"target_lang": code, "ignore_mismatched_sizes": True} if code else {}
        network, missing = open_network(AutoModelForCTC, folder, WHAT, **adapter)
        if missing and code is None:
            raise WeightsError(
                f"{folder} lacks the weights {', '.join(missing[:3])}, so it is no model "
                "fine-tuned with CTC; name one that transcribes"
            )
        self._network, self._code = network, code


def adapter_code(
    language: str | None, entry: CtcModel | None, codes: Mapping[str | None, object]
) -> str:
    """A model's own code for one of our language tags, out of the codes that it has.

    Raises StageError without a language, and where the model does not know it.
    """
    from langcodes import Language

    if not language:
        raise StageError("the model needs to know the language; state it in the item's manifest")
    primary = Language.get(language).language or ""
    known = entry.codes if entry else {}
    for code in (known.get(primary), language, primary, Language.get(primary).to_alpha3()):
        if code in codes and code is not None:
            return code
    raise StageError(f"the model has no adapter for {language}; name another model for this item")


def _read_vocabularies(folder: Path) -> dict[str | None, dict[str, int]]:
    """Tokens and columns, by language where a model has adapters, else under None."""
    path = folder / "vocab.json"
    if not path.is_file():  # a tokenizer of another kind
        from transformers import AutoTokenizer

        return {None: AutoTokenizer.from_pretrained(folder, local_files_only=True).get_vocab()}
    found = json.loads(path.read_text(encoding="utf-8"))
    if found and all(isinstance(one, dict) for one in found.values()):
        return {str(code): _columns(one) for code, one in found.items()}
    return {None: _columns(found)}


def _columns(found: Any) -> dict[str, int]:
    if not isinstance(found, dict) or not all(isinstance(one, int) for one in found.values()):
        raise ValueError("vocab.json does not give a number for each token")
    return dict(found)
