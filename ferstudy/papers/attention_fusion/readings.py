"""What the attention_fusion paper's text leaves open: every reading is built, and its parameters or rank counted."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import pandas as pd
import torch
from torch import nn

from ferstudy.models import count_parameters, create_model
from ferstudy.models.attention_fusion import READINGS, AttentionFusion
from ferstudy.models.squeezenet_se import EMBEDDING, SQUEEZE
from ferstudy.papers.attention_fusion import published as paper

# SE reductions and squeeze widths of the ninth fire module that the text leaves open.
_READINGS = ((64, 16), (64, 4), (64, 2), (64, 1), (80, 16), (80, 2), (80, 1), (128, 16), (128, 4), (128, 2))
# What each reading of the AEV rests on.
_REASONS = {
    "relu": "section 3.5: 'ReLU is applied after each layer Conv'; the default here",
    "linear": "section 3.6 alone, which names no ReLU",
    "rows": "128 × 3 × 128 as rows, columns, channels, of which 128 × 1 × 1 keeps the rows",
}


def parameter_readings() -> pd.DataFrame:
    """Parameters of every reading of the text: widths of the ninth fire module, reductions, places of 1 x 1 bypasses.

    "1 x 1 on all" gives every fire module a convolution on its bypass, not only those that change the channels.
    """
    rows = []
    for ninth, reduction in _READINGS:
        options = {"ninth": ninth, "se_reduction": reduction}
        with torch.device("meta"):
            plain = create_model("squeezenet_se", **options)
            bypassed = create_model("squeezenet_complex_se", **options)
        widths = [8 * squeeze for squeeze in (*SQUEEZE, ninth)]
        # Where the channels stay: a 1 x 1 convolution of C to C without bias, and its batch norm.
        on_all = count_parameters(bypassed) + sum(c * c + 2 * c for b, c in pairwise(widths) if b == c)
        rows.append((f"{ninth} / {4 * ninth}", reduction, count_parameters(plain), count_parameters(bypassed), on_all))
    table = pd.DataFrame(rows, columns=["ninth fire", "SE reduction", "SE", "Complex-SE", "Complex-SE, 1 × 1 on all"])
    return table.assign(
        **{
            "SE / 2.6 M": (table["SE"] / paper.PARAMETERS["squeezenet_se"]).round(2),
            "Complex-SE / 4.4 M": (table["Complex-SE"] / paper.PARAMETERS["squeezenet_complex_se"]).round(2),
            "on all / 4.4 M": (table.iloc[:, 4] / paper.PARAMETERS["squeezenet_complex_se"]).round(2),
        }
    )


def inception_readings() -> pd.DataFrame:
    """Parameters of Inception-ResNet V1 by what is counted of its batch norms, with and without the classifier."""
    with torch.device("meta"):
        model = create_model("inception_resnet_v1")
    channels = sum(m.num_features for m in model.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)))
    whole, classifier = count_parameters(model), count_parameters(model.get_submodule("fc"))
    ways = ("gamma and beta (PyTorch)", "beta, mean and variance (slim)", "all four (Keras)")
    rows = [(way, whole + extra * channels - classifier, whole + extra * channels) for extra, way in enumerate(ways)]
    table = pd.DataFrame(rows, columns=["batch norm counted as", "without classifier", "with 7 classes"])
    return table.assign(printed="22.8 M", agrees=(table.iloc[:, 1:3].round(-5) == 22_800_000).all(axis=1))


def aev_readings(images: int = 512, seed: int = 0) -> pd.DataFrame:
    """The three readings of section 3.6's AEV, and how many of its 128 dimensions random embeddings span in each.

    Args:
        images: Random embeddings.
        seed: Of the embeddings and of the convolution, whose kernels are normal, without a constant.

    Returns:
        A row a reading: what it rests on, what is averaged, and the rank of the AEV without its constant part.
    """
    generator = torch.Generator().manual_seed(seed)
    embeddings = torch.randn(3, images, EMBEDDING, generator=generator, dtype=torch.float64)
    rows = []
    for reading in READINGS:
        # The width of a member does not matter to what joins the embeddings.
        network = cast(AttentionFusion, create_model("attention_fusion", seed=seed, reading=reading, width=0.125))
        with torch.inference_mode():
            network.double().combine.weight.normal_(generator=generator)
            network.combine.bias = None
            aev = network.combined(list(embeddings))
        rank = int(torch.linalg.matrix_rank(aev - aev.mean(0)))
        averaged = "channels" if reading == "rows" else "rows"
        rows.append((reading, _REASONS[reading], "no" if reading == "linear" else "yes", averaged, rank))
    columns = ["reading", "rests on", "ReLU after the convolution", "averages over", "rank of the AEV"]
    return pd.DataFrame(rows, columns=columns)
