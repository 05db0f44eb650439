"""CTC models that are known by name: whose they are, what they were trained on, what they know.

What is written here is what public pages said in November 2026, and "unknown" where none of them
did. A model whose licence is unknown or non-commercial is used by name alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

UNKNOWN = "unknown"
_MMS_CODES = {"bo": "bod", "adx": "adx", "khg": "khg", "dz": "dzo", "lbj": "lbj", "xsr": "xsr"}
_OMNI_CODES = {
    "bo": "bod_Tibt",
    "adx": "adx_Tibt",
    "khg": "khg_Tibt",
    "dz": "dzo_Tibt",
    "lbj": "lbj_Tibt",
    "sip": "sip_Tibt",
}
_MMS_DATA = "1,406 languages (MMS), Tibetan varieties among them"
_OMNI_DATA = "more than 1,600 languages (Omnilingual ASR), Tibetan varieties among them"


@dataclass(frozen=True)
class CtcModel:
    """One published model.

    ``repository``: on the Hugging Face hub. ``free``: ``auto`` may choose it. ``loads``:
    transformers can read its files. ``codes``: our language tags and the model's own codes for the
    varieties of Tibetan in its list; ``blank``: its blank where its configuration names another.
    """

    name: str
    repository: str
    licence: str
    free: bool
    pretraining: str
    loads: bool = True
    codes: Mapping[str, str] = field(default_factory=dict)
    rate_hz: int = 16_000
    stride: int = 320
    blank: str | None = None
    note: str = ""


CTC_MODELS: tuple[CtcModel, ...] = (
    CtcModel(
        name="omnilingual-300m",
        repository="P2Enjoy/omniASR-CTC-300M-transformers",
        licence="Apache-2.0",
        free=True,
        pretraining=_OMNI_DATA,
        codes=_OMNI_CODES,
        blank="<s>",
        note="Meta's omniASR_CTC_300M, its tensors renamed by others for transformers",
    ),
    CtcModel(
        name="omnilingual-300m-v2",
        repository="aadel4/omniASR-CTC-300M-v2",
        licence=UNKNOWN,
        free=False,
        pretraining=_OMNI_DATA,
        codes=_OMNI_CODES,
        blank="<s>",
        note="Meta's omniASR_CTC_300M_v2 (Apache-2.0), converted; the page says no licence",
    ),
    CtcModel(
        name="omnilingual-1b-v2",
        repository="aadel4/omniASR-CTC-1B-v2",
        licence=UNKNOWN,
        free=False,
        pretraining=_OMNI_DATA,
        codes=_OMNI_CODES,
        blank="<s>",
        note="Meta's omniASR_CTC_1B_v2 (Apache-2.0), converted; the page says no licence",
    ),
    *(
        CtcModel(
            name=f"omniASR_CTC_{size}",
            repository=f"facebook/omniASR-CTC-{size}",
            licence="Apache-2.0",
            free=True,
            pretraining=_OMNI_DATA,
            loads=False,
            codes=_OMNI_CODES,
            blank="<s>",
            note="a fairseq2 checkpoint",
        )
        for size in ("300M", "1B", "3B", "7B")
    ),
    CtcModel(
        name="mms-1b-all",
        repository="facebook/mms-1b-all",
        licence="CC-BY-NC-4.0",
        free=False,
        pretraining=_MMS_DATA,
        codes=_MMS_CODES,
        note="one adapter a language: adapter.bod.safetensors and so on",
    ),
    CtcModel(
        name="mms-aligner",
        repository="MahmoudAshraf/mms-300m-1130-forced-aligner",
        licence="CC-BY-NC-4.0",
        free=False,
        pretraining=_MMS_DATA,
        blank="<blank>",
        note="Latin letters alone: every text is romanised",
    ),
    CtcModel(
        name="openpecha-mms300",
        repository="openpecha/tibetan_asr_mms300_v1",
        licence=UNKNOWN,
        free=False,
        pretraining=f"{_MMS_DATA}; fine-tuned on Tibetan",
    ),
    CtcModel(
        name="openpecha-xlsr",
        repository="openpecha/wav2vec2-large-xlsr-tibetan",
        licence=UNKNOWN,
        free=False,
        pretraining="unknown; fine-tuned on Tibetan",
    ),
    CtcModel(
        name="w2v-bert-amdo",
        repository="HNO333333/w2v-bert-2.0-Tibetan-Amdo",
        licence=UNKNOWN,
        free=False,
        pretraining="unknown; fine-tuned on Amdo Tibetan",
        note="wav2vec2-bert; its stride depends on its adapter and is read from its configuration",
    ),
)
