"""From sound to speech: a seam with four engines, and what they found in a clip.

detector = open_voice_detector("auto")
voices = detector.listen(sound)              # mono, 16 kHz → every 10 ms: does somebody speak?
for start, end in stretches(voices.speech):  # in steps of 10 ms
    ...
"""

from __future__ import annotations

from tthd_tools.speech.records import STEPS_PER_S, Turn, VoiceDetector, Voices
from tthd_tools.speech.regions import speech_s, stretches, turns
from tthd_tools.speech.resolve import (
    VOICE_DETECTORS,
    model_facts,
    open_voice_detector,
    resolve_voice_detector,
)

__all__ = [
    "STEPS_PER_S",
    "VOICE_DETECTORS",
    "Turn",
    "VoiceDetector",
    "Voices",
    "model_facts",
    "open_voice_detector",
    "resolve_voice_detector",
    "speech_s",
    "stretches",
    "turns",
]
