"""One talking-head film goes in, a tar of cropped clips comes out, the way a lab scripts it.

    python benchmarks/home_made.py FILM OUT.tar [face_landmarker.task]

The peer of ``whole_chain.py``: programs and libraries called one after the other, files in between.
It has no jump cuts, no tracking of several people, no person masks, no policy, no resume.
"""

import csv
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

LIPS = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]


def sh(*words):
    subprocess.run([str(w) for w in words], check=True, capture_output=True)


def frames(path):
    video = cv2.VideoCapture(str(path))
    while (read := video.read())[0]:
        yield read[1]


film, out = Path(sys.argv[1]), Path(sys.argv[2])
model = sys.argv[3] if len(sys.argv) > 3 else "face_landmarker.task"
with tempfile.TemporaryDirectory() as name, tarfile.open(out, "w") as tar:
    tmp = Path(name)
    scenedetect = Path(sys.executable).with_name("scenedetect")
    sh(scenedetect, "-i", film, "-o", tmp, "detect-adaptive", "list-scenes", "--skip-cuts")
    scenes = list(csv.DictReader(next(tmp.glob("*.csv")).open())) or [{}]
    for n, scene in enumerate(scenes):
        start, end = scene.get("Start Time (seconds)", 0), scene.get("End Time (seconds)", 9999)
        shot, wav, mp4 = tmp / f"{n}_shot.mp4", tmp / f"{n}.wav", tmp / f"{n}.mp4"
        ffmpeg = ["ffmpeg", "-y", "-threads", 1]
        x264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", 18, "-threads", 1]
        sh(*ffmpeg, "-ss", start, "-to", end, "-i", film, "-r", 25, *x264, "-an", shot)
        sh(*ffmpeg, "-ss", start, "-to", end, "-i", film, "-vn", "-ac", 1, "-ar", 16000, wav)
        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=model),
            running_mode=vision.RunningMode.VIDEO,
            output_face_blendshapes=True,
        )
        meshes, sharpness = [], []
        with vision.FaceLandmarker.create_from_options(options) as landmarker:
            for k, bgr in enumerate(frames(shot)):
                rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
                image = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
                faces = landmarker.detect_for_video(image, k * 40).face_landmarks
                size = [bgr.shape[1], bgr.shape[0]]
                meshes.append(np.array([(p.x, p.y) for p in faces[0]]) * size if faces else None)
        seen = [mesh for mesh in meshes if mesh is not None]
        if len(seen) < 75:
            continue
        low, high = np.min([m.min(0) for m in seen], 0), np.max([m.max(0) for m in seen], 0)
        side = min(int((high - low).max() * 1.8), *size)
        x, y = np.clip(((low + high - side) / 2).astype(int), 0, np.array(size) - side)
        raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", "512x512", "-r", 25, "-i", "-"]
        words = [str(w) for w in (*ffmpeg, *raw, *x264, "-pix_fmt", "yuv420p", mp4)]
        pipe = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        masks = np.zeros((len(meshes), 2, 128, 128), np.uint8)
        for k, bgr in enumerate(frames(shot)):
            crop = cv2.resize(
                bgr[y : y + side, x : x + side], (512, 512), None, 0, 0, cv2.INTER_AREA
            )
            pipe.stdin.write(crop.tobytes())
            grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
            sharpness.append(cv2.Laplacian(grey, cv2.CV_64F).var())
            if meshes[k] is not None:
                points = ((meshes[k] - [x, y]) * 128 / side).astype(np.int32)
                cv2.fillConvexPoly(masks[k, 0], cv2.convexHull(points), 1)
                cv2.fillConvexPoly(masks[k, 1], cv2.convexHull(points[LIPS]), 1)
        pipe.communicate()
        np.savez_compressed(tmp / f"{n}.npz", masks=np.packbits(masks), sharpness=sharpness)
        for path in (mp4, wav, tmp / f"{n}.npz"):
            tar.add(path, f"{film.stem}_{n:04d}{path.suffix}")
