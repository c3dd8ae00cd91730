"""Yahoo's open_nsfw: how likely it is that a picture is not safe to show."""

import io
import os

import numpy
import onnxruntime
from PIL import Image

LABELS = ["safe", "nsfw"]
MEAN_BGR = numpy.array([104, 117, 123], dtype=numpy.float32)


class UnreadablePicture(Exception):
    """The request's bytes are not a picture."""


def preprocess(data, convert=True):
    """The network's input for the bytes of a picture: as it was trained, 256x256 through JPEG, centre 224x224, BGR.

    Without `convert`, the picture's own mode is kept: the mistake of version 3.
    """
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePicture("the body is not a picture that can be decoded") from error
    if convert:
        picture = picture.convert("RGB")
    buffer = io.BytesIO()
    picture.resize((256, 256), Image.Resampling.BILINEAR).save(buffer, format="JPEG")
    pixels = numpy.asarray(Image.open(buffer), dtype=numpy.float32)
    return (pixels[16:240, 16:240, ::-1] - MEAN_BGR)[None]


class Classifier:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        # One instance is meant to use one core; more instances are the runtime's business.
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.convert = os.environ.get("CONVERT_TO_RGB", "yes") == "yes"

    def classify(self, data):
        """Every label with its score, the likeliest first."""
        (scores,) = self.session.run(["outputs"], {"input:0": preprocess(data, self.convert)})[0]
        answer = [{"label": label, "score": round(float(score), 4)} for label, score in zip(LABELS, scores)]
        return sorted(answer, key=lambda entry: entry["score"], reverse=True)
