"""V. H. Chuong and V. H. Cuong, "Facial Expression Recognition: A Lite Deep Learning Based Approach".

The published numbers are transcribed from the paper's text, as printed, misprints included; what they say against
themselves is computed in :mod:`ferstudy.papers.lite_xception.errata`.

The paper names no optimiser, rate, schedule, augmentation or number of epochs, and not how the epoch was chosen. Our
recipes differ only in the network, and in the augmentation and smoothing that the larger one bears.

Notebook: ``notebooks/lite_xception.ipynb``.
"""

from __future__ import annotations

from ferstudy.papers._paper import Entry, Paper
from ferstudy.papers.lite_xception.claims import CLAIMS
from ferstudy.papers.lite_xception.recipes import RECIPES

PAPER = Paper(
    key="lite_xception",
    title="Facial Expression Recognition: A Lite Deep Learning Based Approach",
    authors="V. H. Chuong and V. H. Cuong",
    year=2022,
    entries=(
        Entry("T1", "Body architecture", "7 stages, 46 to 3 pixels, 8 to 128 channels"),
        Entry("T2", "Dataset", "35,887 images: 28,709 + 3,589 + 3,589"),
        Entry("T3", "Accuracy, misclassification, precision, recall and F-score per class", "recall .37 to .89"),
        Entry("T4", "Accuracy and parameters against five published networks", "64.53 % with 488.7 K"),
        Entry(
            "F1", "Standard against depthwise separable convolution: multiply-adds and time", "'less time to calculate'"
        ),
        Entry("F2", "The pipeline: detect, crop, prepare, classify"),
        Entry("F3", "Real-time system: label and percentage on the frame"),
        Entry("F4", "Samples of FER2013"),
        Entry("F5", "Qualitative results on a video"),
        Entry("F6", "Confusion matrix", "happy .89 best, scared .37 worst"),
        Entry("F7", "Misclassified faces", "anger and disgust taken for neutral and sad"),
        Entry("X1", "Number of parameters", "488.7 K"),
        Entry("history", "Training curves on FER2013"),
        Entry("ablation", "What each part of our recipe brought, on PublicTest"),
        Entry("lesson", "The same network trained in class on synthetic faces"),
        Entry("grad_cam", "Where the network looks: Grad-CAM by class"),
        Entry("calibration", "Calibration, top-2 accuracy and test-time augmentation"),
        Entry("errata", "What the paper's numbers say against themselves"),
    ),
    recipes=RECIPES,
    claims=CLAIMS,
)
