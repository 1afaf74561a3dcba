"""T. T. Nguyen and T. H. Le, "Fusion of Attentional and Traditional Convolutional Networks for Facial Expression
Recognition", EAI Endorsed Transactions on Pervasive Health and Technology 7(27), 2021.

The published numbers are transcribed from the paper's text, as printed, misprints included; what they say against
themselves is computed in :mod:`ferstudy.papers.attention_fusion_errata`.

Section 4.2 gives the optimiser (SGD), weight decay, batch size, dropout and seed, a rate that falls with the validation
accuracy, and the kept epoch. It gives no rate, no factor or patience, no number of epochs and no range of contrast:
those are ours. It starts from weights trained on the identities of MS-Celeb-1M, which its owners no longer give out;
our recipes start from the seed, and ``*.synthetic.identity`` shows that stage on faces that are always there.

Notebook: ``notebooks/attention_fusion.ipynb``.
"""

from __future__ import annotations

from ferstudy.data.augmentation import PAPER_AUGMENTATIONS, Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.papers._paper import Entry, Paper
from ferstudy.recipes import Optimizer, Recipe, Schedule
from ferstudy.settings import Loss

# The systems in the order of the tables: our model and the paper's name.
SYSTEMS = {
    "inception_resnet_v1": "Inception-Resnet V1",
    "squeezenet_se": "SqueezeNet-SE",
    "squeezenet_complex_se": "SqueezeNet Complex-SE",
    "attention_fusion": "Ensemble Model",
}
MEMBERS = ("squeezenet_se", "squeezenet_complex_se", "inception_resnet_v1")  # E1, E2, E3 of section 3.6

# Tables 1 and 2: accuracy in percent per expression, under the classes' names here, in the paper's order.
TABLE_1_CLASSES = ("angry", "contempt", "disgust", "fear", "happy", "sad", "surprise")
TABLE_1 = {
    "inception_resnet_v1": (98.52, 100, 100, 100, 100, 100, 100),
    "squeezenet_se": (100, 100, 100, 100, 100, 100, 99.6),
    "squeezenet_complex_se": (99.29, 89, 100, 100, 100, 100, 99.6),
    "attention_fusion": (99.29, 91, 100, 100, 100, 100, 100),
}
TABLE_2_CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise")
TABLE_2 = {
    "inception_resnet_v1": (90.35, 94.95, 91.23, 96.06, 94.06, 96.15),
    "squeezenet_se": (94.06, 86.09, 98.08, 97.65, 92.33, 88.38),
    "squeezenet_complex_se": (88.98, 89.62, 96.06, 94, 83.49, 85.52),
    "attention_fusion": (94.93, 91.63, 98.06, 96.87, 92.33, 90.57),
}

# Tables 3 to 5: others' work as study, method, accuracy in percent; then the paper's own systems.
TABLE_3 = (
    ("Liu et al. [35] (2017)", "CNNs (last three frames, static based)", 97.1),
    ("Cai et al. [24] (2017)", "CNNs (last three frames, static based)", 94.39),
    ("Meng et al. [36] (2017)", "CNNs (last three frames, static based)", 95.37),
    ("Yang et al. [25] (2018)", "cGAN (last three frames, static based)", 97.30),
)
TABLE_4 = (
    ("Zhao et al. [37] (2016)", "CNNs (dynamics-based)", 84.59),
    ("Zhang et al. [38] (2017)", "ensemble of CNNs (dynamics-based)", 86.25),
    ("Kuo et al. [39] (2018)", "ensemble of CNNs (dynamics-based)", 91.67),
    ("Yu et al. [40] (2017)", "CNNs (dynamics-based)", 86.23),
)
TABLE_5 = (
    ("Hua et al. [41] (2019)", "ensemble of CNNs", 71.91),
    ("Georgescu et al. [42] (2019)", "ensemble of CNNs", 75.42),
    ("Connie et al. [43] (2017)", "ensemble of CNNs + SIFT", 73.40),
    ("Li et al. [44] (2017)", "ensemble of CNNs", 70.66),
    ("Kim et al. [45] (2016)", "ensemble of CNNs", 72.72),
    ("Xu et al. [46] (2018)", "CNNs", 69.70),
    ("Minaee et al. [47] (2019)", "CNNs", 70.02),
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

# Section 2.1 on papers that Tables 3 and 5 take up again: reference to accuracy in percent on a dataset.
RELATED = {"[24]": ("ck_plus", 98.0), "[25]": ("ck_plus", 97.0), "[27]": ("fer2013", 73.31)}

# Figures 8 and 9: the modules of our networks, from the first convolution to the classifier.
LAYERS = {
    "conv 7 × 7": "features.0", "max pool": "features.1",
    "fire 1": "features.2", "fire 2": "features.3", "fire 3": "features.4", "max pool ": "features.5",
    "fire 4": "features.6", "fire 5": "features.7", "fire 6": "features.8", "fire 7": "features.9",
    "max pool  ": "features.10", "fire 8": "features.11", "fire 9": "features.12",
    "average pool": "pool", "embedding": "embedding", "classifier": "fc",
}  # fmt: skip

_FACES = {"detector": "mtcnn", "margin": 20, "square": False, "size": 128, "channels": 3}

_FER2013 = Recipe(
    name="squeezenet_se.fer2013.published",
    model="squeezenet_se",
    preparation=Preparation(size=96, channels=3, scaling="standardise"),
    augmentation=PAPER_AUGMENTATIONS["attention_fusion_fer2013"],
    optimizer=Optimizer("sgd", lr=0.01, weight_decay=5e-5),
    schedule=Schedule("plateau", factor=0.1, patience=10),
    epochs=150,
    batch_size=96,
    tta=("single", "ten_crop", "eleven"),
    seed=777,
    cites="sections 3.3, 3.4 and 4.2; rate, its factor and patience, epochs and contrast are ours; "
    "not started from MS-Celeb-1M",
)
_CK_PLUS = _FER2013.but(
    name="squeezenet_se.ck_plus.published",
    dataset="ck_plus",
    dataset_options={"faces": _FACES, "frames": "last3"},
    protocol="ck_plus_identity",
    preparation=Preparation(size=128, channels=3, scaling="standardise"),
    augmentation=PAPER_AUGMENTATIONS["attention_fusion"],
    tta=("single", "flip"),
    cites="sections 3.1 to 3.4 and 4.2: last three frames, ten folds by identity, 10 % of the samples validate; "
    "rate, its factor and patience, epochs and contrast are ours; not started from MS-Celeb-1M",
)
_OULU_CASIA = _CK_PLUS.but(
    name="squeezenet_se.oulu_casia.published",
    dataset="oulu_casia",
    dataset_options={"faces": _FACES, "imaging": "VL", "lighting": "Strong", "first_frame": 7},
    protocol="oulu_casia_identity",
    cites="sections 3.1 to 3.4 and 4.2: visible light, strong, from the 7th frame, ten folds by identity, 15 % of the "
    "samples validate; rate, its factor and patience, epochs and contrast are ours; not started from MS-Celeb-1M",
)


def _systems(recipe: Recipe) -> tuple[Recipe, ...]:
    """The same for each of the four systems."""
    variant = recipe.name.partition(".")[2]
    return tuple(recipe.but(name=f"{model}.{variant}", model=model) for model in SYSTEMS)


def _strict(recipe: Recipe) -> Recipe:
    """The same with validation images of other people than the training images'."""
    return recipe.but(
        name=recipe.name.replace("published", "strict"),
        protocol=f"{recipe.protocol}_subject",
        cites=f"{recipe.cites}; people validate who do not train",
    )


_STRONG = Recipe(
    name="squeezenet_se.fer2013.strong",
    model="squeezenet_se",
    augmentation=Augmentation(flip=0.5, rotation=15, translation=0.08, zoom=0.15, contrast=0.2, erasing=0.25),
    optimizer=Optimizer("adamw", lr=3e-3, weight_decay=0.05),
    schedule=Schedule("onecycle", warmup=0.15),
    label_smoothing=0.1,
    ema=0.998,
    precision="bfloat16",
    epochs=40,
    cites="training is ours",
)

_IDENTITY = Recipe(
    name="squeezenet_se.synthetic.identity",
    model="squeezenet_se",
    dataset="synthetic",
    preparation=Preparation(size=48, channels=3, scaling="standardise"),
    task="identity",
    loss=Loss("arcface", scale=16.0, margin=0.2),
    optimizer=Optimizer("sgd", lr=0.05, weight_decay=5e-5),
    schedule=Schedule("onecycle"),
    epochs=30,
    batch_size=96,
    tta=("single",),
    seed=777,
    cites="sections 2.4 and 4.2: ArcFace on identities, SGD; synthetic people stand in for MS-Celeb-1M, whose 20 to 30 "
    "samples a person they do not have; scale, margin, rate and epochs are ours",
)

RECIPES = (
    # Section 3.6 does not say how the whole is trained. Ours joins the members that were trained apart and trains what
    # joins them; by folds it trains as one, for a run keeps the weights of its last fold only.
    *(
        recipe.but(
            init=" + ".join(f"{member}.fer2013.published.s{recipe.seed}" for member in MEMBERS), freeze=("members",)
        )
        if recipe.model == "attention_fusion"
        else recipe
        for recipe in _systems(_FER2013)
    ),
    *_systems(_CK_PLUS),
    *_systems(_strict(_CK_PLUS)),
    *_systems(_OULU_CASIA),
    *_systems(_strict(_OULU_CASIA)),
    _STRONG,
    _IDENTITY,
)

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
)
