"""The terms of the course, a line each; a lesson shows a term's line where the term is first used."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from ferstudy.errors import lookup

GLOSSARY = {
    "class": "One of the words that a network may answer with; here seven expressions.",
    "network": "A function with many adjustable numbers that turns a picture into a number a class.",
    "probability": "A network's share for a class, 0 to 100 %; the shares of all classes sum to 100 %.",
    "report": "A notebook that was executed and turned into a page, every number with its evidence.",
    "evidence": "Where a number comes from: measured, recorded, published, a stand-in, or not run.",
    "action unit": "One visible pull of a facial muscle, by its number in the Facial Action Coding System.",
    "prototype": "The action units that together are said to show an emotion.",
    "stand-in": "A result on drawn faces: it shows the method and says nothing about real faces.",
    "label": "The class that people gave to a face; not what somebody felt.",
    "agreement": "The share of faces, or of pairs of people, with the same answer.",
    "label noise": "Labels that are wrong; they bound the accuracy that can be measured.",
    "ceiling": "The accuracy that no network can pass on the given labels, however good it is.",
    "tensor": "Numbers in a grid of any dimensions; a batch of grey faces is images × channels × height × width.",
    "channel": "One map of a layer's output; each looks for another pattern.",
    "convolution": "A small filter that is moved over a picture, the same at every place.",
    "separable convolution": "A filter a channel, and then a mix of the channels: fewer weights than both at once.",
    "parameter": "One of the numbers that training adjusts.",
    "multiply-add": "One multiplication and one addition: the unit in which a network's arithmetic is counted.",
    "logit": "A network's raw number for a class, before the softmax makes probabilities of them.",
    "loss": "How wrong a network is, as one number: the negative logarithm of the right class's probability, in nats.",
    "overfitting": "Learning the training faces by heart: the loss falls there and not elsewhere.",
    "epoch": "One pass over all training faces.",
    "batch": "The faces between two steps of training.",
    "learning rate": "How far a step of training moves the parameters.",
    "augmentation": "Random small changes of the training faces, so that each epoch shows others.",
    "seed": "The number from which all random draws of a run follow.",
    "split": "A part of a dataset with one use: to train, to select, or to score once.",
    "selection": "Choosing an epoch or a setting by a score; the split that chose cannot also judge.",
    "interval": "The range in which the true accuracy lies with 95 % confidence; here Wilson's.",
    "McNemar's test": "Whether two networks differ, from the faces that only one of them gets right.",
    "ensemble": "Several networks whose probabilities are averaged.",
    "test-time augmentation": "Several views of one face, mirrored or cropped, whose logits are averaged.",
    "calibration": "Whether a network that is 70 % sure is right seven times in ten.",
    "Grad-CAM": "A map of the places whose features speak for a class, weighed by gradients.",
    "gradient": "How much a number changes when another one is moved a little.",
    "detector": "What finds the faces in a picture and gives a box for each.",
    "crop": "The part of a picture in a box, shrunk to the size that the network takes.",
    "smoothing": "Averaging over the last frames, so that a label does not flicker; it also lags.",
    "erratum": "A printed number that contradicts the paper's other numbers.",
    "recall": "Of the faces of a class, the share that is found.",
    "precision": "Of the faces given a class, the share that belongs to it.",
    "protocol": "Which images train, select and score, and with which views.",
}


@dataclass(frozen=True)
class Definitions:
    """Some terms with their lines, as a notebook shows them."""

    terms: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(f"{term}: {GLOSSARY[term]}" for term in self.terms)

    def _repr_html_(self) -> str:
        lines = (f"<dt><b>{escape(term)}</b></dt><dd>{escape(GLOSSARY[term])}</dd>" for term in self.terms)
        return f'<dl style="border-left: 5px solid #4477AA; padding-left: .8rem; margin: .3rem 0">{"".join(lines)}</dl>'


def define(*terms: str) -> Definitions:
    """The glossary's lines of some terms.

    Raises:
        FerstudyError: A term is not in the glossary.
    """
    for term in terms:
        lookup("term", term, GLOSSARY)
    return Definitions(terms)
