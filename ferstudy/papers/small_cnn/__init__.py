"""T. Dao Cong and H. Le Trung, "AI Programming Project": a survey of networks for FER2013, and a small one.

The published numbers are transcribed from the paper's text, as printed, misprints included; what they say against
themselves is computed in :mod:`ferstudy.papers.small_cnn.errata`. Its figures are not in the text: what follows holds
the numbers that the text gives of them.

References, numbered as in the paper: [1] Y. K. Bhatti et al., 2021 (AlexNet); [5] Y. Khaireddin and Z. Chen, 2021
(VGGNet); [6] K. Mohan et al., 2021 (FER-net); [7] C. Pramerdorfer and M. Kampel, 2016 (deep networks); [9] M. N. Stolar
et al., 2017 (AlexNet).

Notebook: ``notebooks/small_cnn.ipynb``.
"""

from __future__ import annotations

from ferstudy.papers._paper import Entry, Paper
from ferstudy.papers.small_cnn.claims import CLAIMS
from ferstudy.papers.small_cnn.recipes import RECIPES
from ferstudy.papers.small_cnn.studies import STUDIES

PAPER = Paper(
    key="small_cnn",
    title="AI Programming Project: a survey, and a small CNN for FER2013",
    authors="T. Dao Cong and H. Le Trung",
    year=2021,
    entries=(
        Entry("T0", "Images by class of five datasets, before and after augmentation (Fig. 3)", "FER2013: 27,822"),
        Entry("samples", "Faces of FER2013"),
        Entry("X1", "AlexNet on FER2013", "61.0 %; 61.1 % and 77 % elsewhere"),
        Entry("X2", "FER-net on FER2013", "72 % by the authors, 79 % in its own paper"),
        Entry("F5", "Seven optimisers, constant and decaying rate", "SGD + Nesterov best: 73.2 % and 73.5 %"),
        Entry("F6", "Six learning-rate schedules, validation and test", "plateau best: 73.59 % and 73.06 %"),
        Entry("F7", "Fine-tuning with two schedules, with and without the validation images", "73.06 % to 73.28 %"),
        Entry("X3", "VGGNet: ten-crop accuracy, and on which images", "73.06 %, tuned 73.28 %"),
        Entry("X6", "Saliency maps", "'most of the critical regions', and some background"),
        Entry("X7", "Modern deep networks and their ensemble against shallow ones", "75.2 % by an ensemble"),
        Entry("F8", "Architecture of the proposed network, layer by layer", "middle widths 256, 256, 512, 512"),
        Entry("T1", "Details of the proposed network", "784,263 parameters, 9.62 MB; SGD, 0.01, batches of 64"),
        Entry("F9", "Accuracy and loss by epoch", "158 epochs in four hours"),
        Entry("X4", "Accuracy and F-score of the proposed network", "71.63 % public, 68.52 % private, F-score 68.65"),
        Entry("F10", "Confusion matrix", "disgust low; sad taken for fear and neutral"),
        Entry("X5", "Frames a second with Haar cascades on a CPU", "up to 10"),
        Entry("grad_cam", "Where the proposed network looks: Grad-CAM by class"),
        Entry("errata", "What the paper's numbers say against themselves"),
    ),
    recipes=RECIPES,
    claims=CLAIMS,
    studies=STUDIES,
)
