"""What the attention_fusion paper claims on FER2013, asked again of networks that two processor cores can train.

Everything is strict: PublicTest chooses the epoch, PrivateTest is scored once. The weights of MS-Celeb-1M cannot be
had: every network starts from the seed, and the training is ours.
"""

from __future__ import annotations

from ferstudy.papers.attention_fusion.published import MEMBERS
from ferstudy.papers.attention_fusion.recipes import STRONG
from ferstudy.studies.study import Study

_SCALE = "faces of 48 pixels in place of 96, 12 epochs, from the seed"
_SE = STRONG.but(
    name="squeezenet_se.fer2013.small",
    epochs=12,
    precision="auto",
    tta=("single", "ten_crop", "eleven"),
    cites="section 3.5 at 48 pixels; training is ours",
)
_COMPLEX = _SE.but(name="squeezenet_complex_se.fer2013.small", model="squeezenet_complex_se")
SQUEEZE_EXCITATION = Study(
    name="squeeze_excitation",
    rank=5,
    entries=("T5", "F15", "F16", "F17", "gates"),
    question="What do squeeze-and-excitation and the bypasses add to SqueezeNet?",
    arms={
        "SqueezeNet-SE": _SE,
        "SqueezeNet": _SE.but(name="squeezenet_se.fer2013.small_no_se", model_options={"se_reduction": 0}),
        "SqueezeNet Complex-SE": _COMPLEX,
    },
    seeds={"SqueezeNet-SE": 3, "SqueezeNet": 3, "SqueezeNet Complex-SE": 1},
    compared=(("SqueezeNet-SE", "SqueezeNet"), ("SqueezeNet-SE", "SqueezeNet Complex-SE")),
    scale=_SCALE,
)

# Those of ferstudy.models.attention_fusion, which needs torch; a test holds them equal.
READINGS = ("relu", "linear", "rows")
# Its body halves the sides five times, so its first convolution keeps 48 pixels.
_NARROW = {"width": 0.25, "stem_stride": 1}
_INCEPTION = _SE.but(
    name="inception_resnet_v1.fer2013.quarter",
    model="inception_resnet_v1",
    model_options=_NARROW,
    cites="section 3.6's third member at a quarter of its widths, faces of 48 pixels; training is ours",
)
_PARTS = {"squeezenet_se": _SE, "squeezenet_complex_se": _COMPLEX, "inception_resnet_v1": _INCEPTION}
FUSION = Study(
    name="fusion",
    rank=6,
    entries=("X3", "X2", "F17", "T5"),
    question="What does joining three networks at feature level and at decision level add to the best of them?",
    arms={
        "SqueezeNet-SE": _SE,
        "SqueezeNet Complex-SE": _COMPLEX,
        "Inception-ResNet V1": _INCEPTION,
        **{
            f"ensemble, {reading}": _SE.but(
                name=f"attention_fusion.fer2013.small_{reading}",
                model="attention_fusion",
                model_options={**_NARROW, "reading": reading},
                init=" + ".join(_PARTS[member].run_name for member in MEMBERS),
                freeze=("members",),
                epochs=3,
                cites="section 3.6: what joins the trained members is trained, they are frozen; training is ours",
            )
            for reading in READINGS
        },
    },
    compared=(
        ("ensemble, relu", "SqueezeNet-SE"),
        ("ensemble, relu", "SqueezeNet Complex-SE"),
        ("ensemble, relu", "Inception-ResNet V1"),
        ("ensemble, relu", "ensemble, linear"),
        ("ensemble, relu", "ensemble, rows"),
    ),
    scale=f"{_SCALE}; Inception-ResNet V1 at a quarter of its widths",
)

STUDIES = (SQUEEZE_EXCITATION, FUSION)
