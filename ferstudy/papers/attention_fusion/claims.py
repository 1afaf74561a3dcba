"""What the attention_fusion paper claims, and what each claim is held against."""

from __future__ import annotations

from ferstudy.models.declarations import declared_models
from ferstudy.papers._claim import Ahead, Claim, Counts, Missing, Reaches
from ferstudy.papers.attention_fusion.published import ACCURACY, MEMBERS, PARAMETERS, SYSTEMS
from ferstudy.papers.attention_fusion.studies import FUSION, SQUEEZE_EXCITATION

_FER2013 = ACCURACY["fer2013"]
_JOINED = "ensemble, relu"
_ARMS = {
    "squeezenet_se": "SqueezeNet-SE",
    "squeezenet_complex_se": "SqueezeNet Complex-SE",
    "inception_resnet_v1": "Inception-ResNet V1",
    "attention_fusion": _JOINED,
}
_NAMES = {**SYSTEMS, "attention_fusion": "the ensemble"}


def _reaches(system: str) -> Claim:
    return Claim(
        entry="T5",
        says=f"{_NAMES[system]} reaches {_FER2013[system]:.2f} % on FER2013",
        did="the same network from the seed: PublicTest chose the epoch, PrivateTest was scored once",
        test=Reaches(_FER2013[system], (FUSION.arms[_ARMS[system]].run_name,)),
        scale=FUSION.scale,
    )


CLAIMS = (
    _reaches("attention_fusion"),
    Claim(
        entry="T5",
        says=f"SqueezeNet-SE reaches {_FER2013['squeezenet_se']:.2f} % on FER2013",
        did="the same network for 40 epochs from the seed, with a training of ours",
        test=Reaches(_FER2013["squeezenet_se"], ("squeezenet_se.fer2013.strong.s0",)),
        scale="faces of 48 pixels in place of 96; from the seed in place of weights of MS-Celeb-1M",
    ),
    _reaches("squeezenet_complex_se"),
    _reaches("inception_resnet_v1"),
    Claim(
        entry="X3",
        says="the ensemble surpasses each of its three members",
        did="the three trained members, frozen, and what joins them, trained",
        test=Ahead(
            FUSION.name,
            tuple((_JOINED, _ARMS[member]) for member in MEMBERS),
            round(_FER2013["attention_fusion"] - max(_FER2013[member] for member in MEMBERS), 2),
        ),
    ),
    Claim(
        entry="gates",
        says="the SE blocks improve the classification",
        did="SqueezeNet with and without them, trained alike",
        test=Ahead(SQUEEZE_EXCITATION.name, (("SqueezeNet-SE", "SqueezeNet"),)),
    ),
    *(
        Claim(
            entry="X1",
            says=f"{SYSTEMS[model]} has {printed / 1e6:g} M parameters",
            did="counted those of the network as described",
            test=Counts(printed, 1e5, lambda model=model: declared_models(model)[0]["parameters"]),  # type: ignore[misc]
        )
        for model, printed in PARAMETERS.items()
    ),
    Claim(
        entry="T3",
        says="the ensemble reaches 99.1 % on CK+",
        did="the protocol on synthetic films of as many people",
        test=Missing(f"{ACCURACY['ck_plus']['attention_fusion']:.2f} %", "CK+, which its owners give out on request"),
    ),
    Claim(
        entry="T4",
        says="the ensemble reaches 94.20 % on Oulu-CASIA",
        did="the protocol on synthetic films of as many people",
        test=Missing(
            f"{ACCURACY['oulu_casia']['attention_fusion']:.2f} %", "Oulu-CASIA, which its owners give out on request"
        ),
    ),
)
