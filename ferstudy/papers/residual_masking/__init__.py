"""L. Pham, T. H. Vu and T. A. Tran, "Facial Expression Recognition Using Residual Masking Network", ICPR 2020.

The published numbers are transcribed from the paper's text, as printed, misprints included; what they say against
themselves is computed in :mod:`ferstudy.papers.residual_masking.errata`. Figure 7 is a picture; of its matrices only
what the text quotes is here.

The paper's protocol is strict already: PublicTest chooses the epoch and PrivateTest is scored, so its recipes are both
the published and the strict ones. What the text leaves open follows the public code, and says so.

Notebook: ``notebooks/residual_masking.ipynb``.
"""

from __future__ import annotations

from ferstudy.papers._paper import Entry, Paper
from ferstudy.papers.residual_masking.claims import CLAIMS
from ferstudy.papers.residual_masking.recipes import RECIPES
from ferstudy.papers.residual_masking.stand_in_studies import STAND_IN_STUDIES
from ferstudy.papers.residual_masking.studies import STUDIES

PAPER = Paper(
    key="residual_masking",
    title="Facial Expression Recognition Using Residual Masking Network",
    authors="L. Pham, T. H. Vu and T. A. Tran",
    year=2020,
    entries=(
        Entry("F3", "Samples of FER2013 and VEMO"),
        Entry(
            "F4", "Images by class and split, both datasets", "35,887 and 36,470 images; happy > 6,000, disgust ~ 500"
        ),
        Entry("T1", "Layers of the Residual Masking Network", "8 rows, 112 to 7 pixels, 64 to 512 channels"),
        Entry(
            "T2", "Parameters and accuracy of 11 networks", "74.14 % with 142.9 M, before Cbam_resnet50 with 73.39 %"
        ),
        Entry("X3", "What masking adds", "ResNet-34 72.41 %, with masks 74.14 %"),
        Entry(
            "F1", "Landmarks, face, feature map before and after the third mask", "'prefers the eyes, nose, and mouth'"
        ),
        Entry("F6", "Grad-CAM by class", "'often positions near the mouth or the eyes'"),
        Entry("T3", "Without and with ensemble against eight published methods", "74.14 % alone, 76.82 % together"),
        Entry("X2", "Unweighted average of seven networks", "76.82 %"),
        Entry("T4", "VEMO, four networks", "65.94 %, Resnet34 64.84 %"),
        Entry("F7", "Confusion matrices, both datasets", "happy .91 / .81 best, fear .56 / .44 worst"),
        Entry("F8", "Misclassified faces", "'wrongly labeling or the unclear emotion'"),
        Entry("X1", "Frames a second with one face", "100 on a laptop's GTX 1050 Ti"),
        Entry("errata", "What the paper's numbers say against themselves"),
    ),
    recipes=RECIPES,
    claims=CLAIMS,
    studies=(*STUDIES, *STAND_IN_STUDIES),
    code="https://github.com/phamquilluan/ResidualMaskingNetwork",  # its reference [13]
)
