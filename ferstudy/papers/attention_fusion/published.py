"""What the attention_fusion paper prints, transcribed from its text as printed, misprints included."""

from __future__ import annotations

from typing import NamedTuple


class CkPlusAccuracies(NamedTuple):
    """A row of Table 1: accuracy in percent per expression, under the classes' names here."""

    angry: float
    contempt: float
    disgust: float
    fear: float
    happy: float
    sad: float
    surprise: float


class OuluCasiaAccuracies(NamedTuple):
    """A row of Table 2: accuracy in percent per expression, under the classes' names here."""

    angry: float
    disgust: float
    fear: float
    happy: float
    sad: float
    surprise: float


class Work(NamedTuple):
    """A row of Tables 3 to 5: others' work and its accuracy in percent."""

    name: str
    method: str
    accuracy: float


class Related(NamedTuple):
    """An accuracy in percent that section 2.1 gives, and the dataset."""

    dataset: str
    accuracy: float


# The systems in the order of the tables: our model and the paper's name.
SYSTEMS = {
    "inception_resnet_v1": "Inception-Resnet V1",
    "squeezenet_se": "SqueezeNet-SE",
    "squeezenet_complex_se": "SqueezeNet Complex-SE",
    "attention_fusion": "Ensemble Model",
}
MEMBERS = ("squeezenet_se", "squeezenet_complex_se", "inception_resnet_v1")  # E1, E2, E3 of section 3.6

# Tables 1 and 2: CK+ and Oulu-CASIA per expression.
TABLE_1 = {
    "inception_resnet_v1": CkPlusAccuracies(98.52, 100, 100, 100, 100, 100, 100),
    "squeezenet_se": CkPlusAccuracies(100, 100, 100, 100, 100, 100, 99.6),
    "squeezenet_complex_se": CkPlusAccuracies(99.29, 89, 100, 100, 100, 100, 99.6),
    "attention_fusion": CkPlusAccuracies(99.29, 91, 100, 100, 100, 100, 100),
}
TABLE_2 = {
    "inception_resnet_v1": OuluCasiaAccuracies(90.35, 94.95, 91.23, 96.06, 94.06, 96.15),
    "squeezenet_se": OuluCasiaAccuracies(94.06, 86.09, 98.08, 97.65, 92.33, 88.38),
    "squeezenet_complex_se": OuluCasiaAccuracies(88.98, 89.62, 96.06, 94, 83.49, 85.52),
    "attention_fusion": OuluCasiaAccuracies(94.93, 91.63, 98.06, 96.87, 92.33, 90.57),
}

# Tables 3 to 5: others' work; then the paper's own systems, accuracy in percent.
TABLE_3 = (
    Work("Liu et al. [35] (2017)", "CNNs (last three frames, static based)", 97.1),
    Work("Cai et al. [24] (2017)", "CNNs (last three frames, static based)", 94.39),
    Work("Meng et al. [36] (2017)", "CNNs (last three frames, static based)", 95.37),
    Work("Yang et al. [25] (2018)", "cGAN (last three frames, static based)", 97.30),
)
TABLE_4 = (
    Work("Zhao et al. [37] (2016)", "CNNs (dynamics-based)", 84.59),
    Work("Zhang et al. [38] (2017)", "ensemble of CNNs (dynamics-based)", 86.25),
    Work("Kuo et al. [39] (2018)", "ensemble of CNNs (dynamics-based)", 91.67),
    Work("Yu et al. [40] (2017)", "CNNs (dynamics-based)", 86.23),
)
TABLE_5 = (
    Work("Hua et al. [41] (2019)", "ensemble of CNNs", 71.91),
    Work("Georgescu et al. [42] (2019)", "ensemble of CNNs", 75.42),
    Work("Connie et al. [43] (2017)", "ensemble of CNNs + SIFT", 73.40),
    Work("Li et al. [44] (2017)", "ensemble of CNNs", 70.66),
    Work("Kim et al. [45] (2016)", "ensemble of CNNs", 72.72),
    Work("Xu et al. [46] (2018)", "CNNs", 69.70),
    Work("Minaee et al. [47] (2019)", "CNNs", 70.02),
)
ACCURACY = {
    "ck_plus": {
        "inception_resnet_v1": 99.80, "squeezenet_se": 99.50, "squeezenet_complex_se": 98.3, "attention_fusion": 99.1,
    },
    "oulu_casia": {
        "inception_resnet_v1": 93.90, "squeezenet_se": 92.80, "squeezenet_complex_se": 89.7, "attention_fusion": 94.20,
    },
    "fer2013": {
        "inception_resnet_v1": 73.00, "squeezenet_se": 72.16, "squeezenet_complex_se": 72.53, "attention_fusion": 74.87,
    },
}  # fmt: skip
# Section 1 prints the ensemble's accuracies once more.
INTRODUCTION = {"ck_plus": 99.10, "oulu_casia": 94.20, "fer2013": 74.89}

# Section 4.2: "Number of parameters".
PARAMETERS = {"inception_resnet_v1": 22.8e6, "squeezenet_complex_se": 4.4e6, "squeezenet_se": 2.6e6}

# Section 2.1 on papers that Tables 3 and 5 take up again.
RELATED = {"[24]": Related("ck_plus", 98.0), "[25]": Related("ck_plus", 97.0), "[27]": Related("fer2013", 73.31)}

# Figures 8 and 9: the modules of our networks, from the first convolution to the classifier.
LAYERS = {
    "conv 7 × 7": "features.0", "max pool": "features.1",
    "fire 1": "features.2", "fire 2": "features.3", "fire 3": "features.4", "max pool ": "features.5",
    "fire 4": "features.6", "fire 5": "features.7", "fire 6": "features.8", "fire 7": "features.9",
    "max pool  ": "features.10", "fire 8": "features.11", "fire 9": "features.12",
    "average pool": "pool", "embedding": "embedding", "classifier": "fc",
}  # fmt: skip
