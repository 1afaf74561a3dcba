"""T. T. Nguyen and T. H. Le, "Fusion of Attentional and Traditional Convolutional Networks for Facial Expression
Recognition", EAI Endorsed Transactions on Pervasive Health and Technology 7(27), 2021.

The published numbers are transcribed from the paper's text, as printed, misprints included; what they say against
themselves is computed in :mod:`ferstudy.papers.attention_fusion.errata`. What it leaves open is built and counted in
:mod:`ferstudy.papers.attention_fusion.readings`.

Section 4.2 gives the optimiser (SGD), weight decay, batch size, dropout and seed, a rate that falls with the validation
accuracy, and the kept epoch. It gives no rate, no factor or patience, no number of epochs and no range of contrast:
those are ours. It starts from weights trained on the identities of MS-Celeb-1M, which its owners no longer give out;
our recipes start from the seed, and the study ``identities_stand_in`` shows that stage on synthetic people.

Notebook: ``notebooks/attention_fusion.ipynb``.
"""

from __future__ import annotations

from ferstudy.papers._paper import Entry, Paper
from ferstudy.papers.attention_fusion.claims import CLAIMS
from ferstudy.papers.attention_fusion.recipes import RECIPES
from ferstudy.papers.attention_fusion.stand_in_studies import STAND_IN_STUDIES
from ferstudy.papers.attention_fusion.studies import STUDIES

PAPER = Paper(
    key="attention_fusion",
    title="Fusion of Attentional and Traditional Convolutional Networks for Facial Expression Recognition",
    authors="T. T. Nguyen and T. H. Le",
    year=2021,
    entries=(
        Entry("F12", "Samples of CK+", "327 labelled sequences of 118 people, seven emotions"),
        Entry("F13", "Samples of Oulu-CASIA", "2,880 sequences of 80 people, six emotions"),
        Entry("F14", "Samples of FER2013", "28,709 + 3,589 + 3,589 images, seven emotions"),
        Entry("F6", "What P-Net, R-Net and O-Net of MTCNN each keep", "five sizes of the picture, three networks"),
        Entry("F4", "From a photo to the network's input", "face + 20 pixels, 128 × 128, mean 0 and variance 1"),
        Entry("F8", "SqueezeNet-SE, layer by layer", "9 fire modules, each with an SE block; embedding of 128"),
        Entry("F9", "SqueezeNet Complex-SE, layer by layer", "a bypass around each fire module, 1 × 1 where needed"),
        Entry("X1", "Number of parameters", "22.8 M, 4.4 M (Complex-SE) and 2.6 M (SE)"),
        Entry(
            "X5", "Ten folds by identity, in ascending order", "9 folds train, 1 tests, 10 % of the samples validate"
        ),
        Entry("F15", "Accuracy by epoch; the kept epoch is marked", "the best epoch on the validation set is kept"),
        Entry("X4", "Pre-training on identities with ArcFace, and what it brings", "initial weights of all systems"),
        Entry("X3", "Ensemble: AEV at feature level, average of O1 to O4, and its gain", "74.87 % of 73.00 % at best"),
        Entry("X2", "Ten crops and the whole image: eleven votes", "96 × 96, crops of 86 × 86"),
        Entry("T1", "Accuracy per expression on CK+", "89 % to 100 %"),
        Entry("T2", "Accuracy per expression on Oulu-CASIA", "83.49 % to 98.08 %"),
        Entry("T3", "CK+ against four published", "99.80, 99.50, 98.3 and 99.1 % (ensemble)"),
        Entry("T4", "Oulu-CASIA against four published", "93.90, 92.80, 89.7 and 94.20 % (ensemble)"),
        Entry("T5", "FER2013 against seven published", "73.00, 72.16, 72.53 and 74.87 % (ensemble)"),
        Entry(
            "F16", "Confusion matrices of Inception-ResNet V1 and SqueezeNet-SE, FER2013", "printed as pictures only"
        ),
        Entry(
            "F17", "Confusion matrices of SqueezeNet Complex-SE and the ensemble, FER2013", "printed as pictures only"
        ),
        Entry("gates", "What the SE blocks let pass", "'close to 1.0' for important maps, else 'close to 0.0'"),
        Entry("grad_cam", "Where the networks look: Grad-CAM"),
        Entry("errata", "What the paper's numbers say against themselves"),
    ),
    recipes=RECIPES,
    claims=CLAIMS,
    studies=(*STUDIES, *STAND_IN_STUDIES),
    doi="10.4108/eai.17-3-2021.169033",
)
