"""Y. Miao, H. Dong, J. M. Al Jaam and A. El Saddik, "A Deep Learning System for Recognizing Facial Expression in
Real-Time", ACM TOMM 2019.

The published numbers are transcribed from the paper's text, as printed, misprints included; what they say against
themselves is computed in :mod:`ferstudy.papers.mobilenet_realtime.errata`.

The paper starts from ImageNet weights of MobileNet V1, which torchvision does not have, so stage one starts from the
seed here; a run with such weights can be named in ``init``. Its numbers of epochs are not printed. Its number on JAFFE
or CK+ is of one of five parts, which also chose the epoch; ours is of all five.

Notebook: ``notebooks/mobilenet_realtime.ipynb``.
"""

from __future__ import annotations

from ferstudy.papers._paper import Entry, Paper
from ferstudy.papers.mobilenet_realtime.claims import CLAIMS
from ferstudy.papers.mobilenet_realtime.recipes import RECIPES
from ferstudy.papers.mobilenet_realtime.stand_in_studies import STAND_IN_STUDIES
from ferstudy.papers.mobilenet_realtime.studies import STUDIES

PAPER = Paper(
    key="mobilenet_realtime",
    title="A Deep Learning System for Recognizing Facial Expression in Real-Time",
    authors="Y. Miao, H. Dong, J. M. Al Jaam and A. El Saddik",
    year=2019,
    entries=(
        Entry("T1", "Images by class in FER-2013, CK+ and JAFFE", "36,887, 654 and 213 images"),
        Entry("X1", "FER-2013 after stage one", "67.03 % public, 68.31 % private"),
        Entry("T2", "Two-stage against one-stage fine-tuning", "CK+ 91.80 to 95.08 %, JAFFE 71.43 to 92.86 %"),
        Entry("T3", "Centre loss against none", "CK+ 95.08 to 96.92 %, JAFFE 92.86 to 95.24 %"),
        Entry("T4", "JAFFE against ten published methods", "95.24 %, F1 95.47"),
        Entry("F4", "JAFFE: training loss and confusion matrix", "disgust taken for fear, sad for happy"),
        Entry("F8", "Suspected label errors", "one JAFFE face named sad shows happiness"),
        Entry("T5", "CK+ in eight configurations", "93.85 to 96.92 % small, 98.80 to 100 % large"),
        Entry("F5", "CK+: loss in eight configurations"),
        Entry("F6", "CK+: eight confusion matrices", "recall 55.56 to 100 %"),
        Entry("T7", "Evaluation setups in the literature on CK+", "6 to 8 classes, 1 or 3 frames, 88.00 to 99.60 %"),
        Entry("X2", "Trained on one dataset, scored on the other", "72.49 % JAFFE to CK+, 50.27 % CK+ to JAFFE"),
        Entry("T6", "Classification time against seven published systems", "3.57 ms"),
        Entry("X3", "Time of a frame with M faces", "46.93 + M x (7.49 + 3.57) ms"),
        Entry("F7", "Real-time examples, many faces in a frame"),
        Entry("grad_cam", "Where the network looks: Grad-CAM"),
        Entry("errata", "What the paper's numbers say against themselves"),
    ),
    recipes=RECIPES,
    claims=CLAIMS,
    studies=(*STUDIES, *STAND_IN_STUDIES),
)
