"""The insightface engine: a picture in, SCRFD's boxes and five points out (Guo et al. 2021).

Its weights are for non-commercial research, so ``auto`` never chooses it.
"""

from __future__ import annotations

from tthd_tools import weights
from tthd_tools.faces.quiet import quiet_stderr
from tthd_tools.faces.records import Detection, Picture


class InsightfaceDetector:
    """SCRFD with key points: eyes, nose tip, mouth corners, as ArcFace's alignment wants them."""

    name = "insightface"

    def __init__(self, min_score: float) -> None:
        path = weights.require("scrfd_500m_kps")
        with quiet_stderr():
            import onnxruntime
            from insightface.model_zoo.scrfd import SCRFD

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        self._engine = SCRFD(str(path), session, static_shape_sessions=False)
        self._min_score = min_score

    def detect(self, rgb: Picture) -> list[Detection]:
        boxes, points = self._engine.detect(rgb[:, :, ::-1], det_thresh=self._min_score)
        return [
            Detection((x0, y0, x1, y1), score, five)
            for (x0, y0, x1, y1, score), five in zip(boxes.tolist(), points, strict=True)
        ]
