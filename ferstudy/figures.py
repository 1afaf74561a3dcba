"""Figures: data in, a matplotlib figure out. The only module that draws plots.

Figures are made off screen with one style: large type for projectors, one colour an emotion, colour-blind-safe maps.
Heat maps use ``cividis`` or a single hue, never red against green.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import seaborn as sns
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from ferstudy.attention import Attention
from ferstudy.benchmark import TimeModel
from ferstudy.colours import EMOTION_COLOURS
from ferstudy.data.faces import FaceCrop, crop_face, eye_angle
from ferstudy.evaluation import Metrics, confident_errors, reliability, softmax
from ferstudy.models.receptive_field import ReceptiveField
from ferstudy.models.summary import Layer
from ferstudy.vision.boxes import LANDMARKS, Detection
from ferstudy.vision.mtcnn import Stages

Array = npt.NDArray[Any]
DPI = 120
_ACCENT, _SECOND, _INK = "#0072B2", "#E69F00", "#333333"

sns.set_theme(
    style="whitegrid", context="notebook", font_scale=1.05, rc={"figure.dpi": DPI, "svg.hashsalt": "ferstudy"}
)


def _figure(width: float, height: float, rows: int = 1, columns: int = 1, **kwargs: Any) -> tuple[Figure, Array]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, np.atleast_2d(figure.subplots(rows, columns, squeeze=False, **kwargs))


def _bare(axes: Any) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def sample_sheet(images: Array, labels: Array, classes: Sequence[str], columns: int = 8, title: str = "") -> Figure:
    """The first faces of every class, a row a class.

    Args:
        images: uint8 (N, H, W), 0..255.
        labels: (N,).
        classes: Class names in label order.
        columns: Faces a row.
        title: Where the faces come from.
    """
    figure, axes = _figure(1.15 * columns + 1.4, 1.2 * len(classes) + 0.4, len(classes), columns)
    for row, name in enumerate(classes):
        here = np.flatnonzero(labels == row)[:columns]
        for column in range(columns):
            panel = axes[row, column]
            _bare(panel)
            if column < len(here):
                panel.imshow(images[here[column]], cmap="gray", vmin=0, vmax=255)
        axes[row, 0].set_ylabel(
            name, rotation=0, ha="right", va="center", fontweight="bold", color=EMOTION_COLOURS.get(name, _INK)
        )
    figure.suptitle(title)
    return figure


def confusion_matrix(panels: Mapping[str, Metrics | Array], classes: Sequence[str]) -> Figure:
    """Confusion matrices side by side, as shares of the true class; counts below the shares.

    Args:
        panels: Title to metrics, or to a (K, K) matrix of counts, rows true.
        classes: Class names in label order.
    """
    figure, axes = _figure(6.2 * len(panels), 5.6, 1, len(panels))
    for panel, (title, value) in zip(axes[0], panels.items(), strict=True):
        counts = np.array(value.confusion if isinstance(value, Metrics) else value)
        share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
        text = np.array(
            [[f"{s:.2f}\n{c:,}" for s, c in zip(*pair, strict=True)] for pair in zip(share, counts, strict=True)]
        )
        sns.heatmap(
            share, vmin=0, vmax=1, cmap="Blues", annot=text, fmt="", square=True, ax=panel, annot_kws={"size": 9},
            xticklabels=classes, yticklabels=classes, cbar_kws={"label": "share of the true class", "shrink": 0.8},
        )  # fmt: skip
        panel.set(xlabel="predicted class", ylabel="true class", title=title)
        panel.tick_params(axis="x", rotation=40)
        panel.tick_params(axis="y", rotation=0)
    return figure


def history_curves(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """Loss and accuracy by epoch; the kept epoch of each run is marked.

    Args:
        histories: Run name to its history, columns as :class:`ferstudy.training.EpochStats`.
    """
    figure, axes = _figure(12.5, 4.6, 1, 2)
    colours = sns.color_palette("colorblind", len(histories))
    for colour, (name, history) in zip(colours, histories.items(), strict=True):
        best = int(history["select_accuracy"].to_numpy().argmax())
        for panel, quantity, factor in ((axes[0, 0], "loss", 1), (axes[0, 1], "accuracy", 100)):
            panel.plot(history["epoch"], factor * history[f"train_{quantity}"], "--", color=colour, alpha=0.7)
            panel.plot(history["epoch"], factor * history[f"select_{quantity}"], color=colour, label=name)
            panel.plot(history["epoch"][best], factor * history[f"select_{quantity}"][best], "o", color=colour, ms=9)
    axes[0, 0].set(xlabel="epoch", ylabel="cross-entropy (nats)", title="Loss")
    axes[0, 1].set(xlabel="epoch", ylabel="accuracy (%)", title="Accuracy")
    for panel in axes[0]:
        panel.xaxis.get_major_locator().set_params(integer=True)
    axes[0, 1].plot([], [], "--", color=_INK, label="training (augmented)")
    axes[0, 1].plot([], [], "o", color=_INK, label="kept epoch")
    axes[0, 1].legend(fontsize=9, loc="lower right")
    return figure


def class_bars(counts: pd.DataFrame, ylabel: str = "images") -> Figure:
    """Grouped bars by class.

    Args:
        counts: A row a class, a column a group.
        ylabel: What is counted.
    """
    figure, axes = _figure(9.5, 4.4)
    panel = axes[0, 0]
    palette = sns.color_palette("colorblind", counts.shape[1])
    counts.plot.bar(ax=panel, color=palette, width=0.8, edgecolor="none")
    panel.set(xlabel="", ylabel=ylabel)
    panel.tick_params(axis="x", rotation=0)
    panel.legend(title="", fontsize=10)
    return figure


def recall_comparison(recalls: pd.DataFrame) -> Figure:
    """Recall by class of several systems: a dot a system, so that the distances are read.

    Args:
        recalls: A row a class, a column a system, shares 0 to 1.
    """
    figure, axes = _figure(9.5, 4.8)
    panel = axes[0, 0]
    markers = ("D", "o", "s", "^", "v", "P")
    palette = sns.color_palette("colorblind", recalls.shape[1])
    for k, name in enumerate(recalls.columns):
        place = np.arange(len(recalls)) + 0.1 * (k - (recalls.shape[1] - 1) / 2)
        panel.plot(place, 100 * recalls[name], markers[k % 6], ms=9, color=palette[k], label=name)
    panel.set_xticks(range(len(recalls)), list(recalls.index))
    panel.set(ylabel="recall (%)", ylim=(0, 100))
    panel.legend(fontsize=10, loc="lower right")
    return figure


def parameter_scatter(table: pd.DataFrame) -> Figure:
    """Accuracy against parameters, with Wilson intervals where the predictions are ours.

    Args:
        table: Columns system, parameters, accuracy (%), low, high (%, NaN where published), evidence.
    """
    figure, axes = _figure(10, 5.4)
    panel = axes[0, 0]
    for evidence, rows in table.groupby("evidence", sort=True):
        published = evidence == "published"
        colour, marker = (_SECOND, "D") if published else (_ACCENT, "o")
        errors = (
            None if published else np.abs(rows[["low", "high"]].to_numpy(float).T - rows["accuracy"].to_numpy(float))
        )
        panel.errorbar(
            rows["parameters"].astype(float), rows["accuracy"].astype(float), yerr=errors, fmt=marker, ms=9, capsize=4,
            color=colour, label=f"{evidence}" + (" (split and selection differ)" if published else " (95 % interval)"),
        )  # fmt: skip
    # A name stands up and right of its point; beside points already named it moves to another of its corners.
    corners = ((9, 5, "left"), (9, -14, "left"), (-9, 5, "right"), (-9, -14, "right"))
    placed: list[tuple[float, float]] = []
    largest = table["parameters"].max()
    for _, row in table.sort_values("accuracy", ascending=False, kind="stable").iterrows():
        size, accuracy = float(row["parameters"]), float(row["accuracy"])
        near = sum(abs(np.log10(size / s)) < 0.7 and abs(accuracy - a) < 0.9 for s, a in placed)
        placed.append((size, accuracy))
        dx, dy, align = corners[2] if size > 0.7 * largest else corners[near % 4]
        panel.annotate(
            row["system"], (size, accuracy), textcoords="offset points", xytext=(dx, dy), ha=align, fontsize=9.5
        )
    panel.set_xscale("log")
    panel.set(xlabel="trainable parameters (log scale)", ylabel="accuracy (%)")
    panel.margins(x=0.12, y=0.15)
    panel.legend(loc="lower right", fontsize=10)
    return figure


def layer_bars(layers: Sequence[Layer], names: Sequence[str]) -> Figure:
    """A network from input to output: how large its maps are, and where its parameters are.

    Args:
        layers: From :func:`ferstudy.models.summary.layer_table`.
        names: What each layer is called.
    """
    figure, axes = _figure(0.8 * len(layers) + 1.6, 6.6, 2, 1, sharex=True)
    sides = [layer.shape[-1] if len(layer.shape) == 3 else 1 for layer in layers]
    maps, weights = axes[:, 0]
    bars = maps.bar(range(len(layers)), sides, color=_ACCENT)
    maps.bar_label(
        bars, [f"{layer.shape[0]} ×\n{side}²" for layer, side in zip(layers, sides, strict=True)], fontsize=9
    )
    bars = weights.bar(range(len(layers)), [layer.parameters / 1000 for layer in layers], color=_SECOND)
    weights.bar_label(bars, [f"{layer.parameters / 1000:,.1f}" for layer in layers], fontsize=9)
    maps.set(ylabel="side of the map (pixels)", title="channels × side² after each layer")
    weights.set(ylabel="parameters (thousands)", xlabel="from the face to the logits")
    weights.set_xticks(range(len(layers)), names, rotation=40, ha="right", rotation_mode="anchor")
    for panel in axes[:, 0]:
        panel.margins(y=0.2)
        panel.grid(axis="x", visible=False)
    return figure


def rate_curves(rates: Mapping[str, Sequence[float]], steps: int = 1) -> Figure:
    """Learning-rate schedules, a panel each on common axes.

    Args:
        rates: Schedule to the rate of every step.
        steps: Steps an epoch.
    """
    columns = -(-len(rates) // 2)
    figure, axes = _figure(3.9 * columns, 5.4, 2, columns, sharex=True, sharey=True)
    for panel, (name, values) in zip(axes.flat, rates.items(), strict=False):
        panel.plot(np.arange(len(values)) / steps, values, color=_ACCENT, lw=2)
        panel.set_title(name, fontsize=12)
        panel.set(xlabel="epoch")
    for panel in axes[:, 0]:
        panel.set_ylabel("learning rate")
    for panel in axes.flat[len(rates) :]:
        panel.remove()
    return figure


def pareto(table: pd.DataFrame, cost: str, unit: str) -> Figure:
    """Accuracy against a cost, and the front of systems that no other beats in both.

    Args:
        table: Columns system, accuracy, low, high (%), the cost, and ``front`` (bool). A system's place in it decides
            its colour and marker, so that figures of several costs read alike.
        cost: Name of the cost's column.
        unit: Of the cost, for the axis.
    """
    figure, axes = _figure(11, 4.8)
    panel = axes[0, 0]
    front = table[table["front"]].sort_values(cost)
    panel.step(front[cost], front["accuracy"], where="post", color="#888888", lw=2, label="front", zorder=1)
    markers = ("D", "o", "s", "^", "v", "P", "X")
    palette = sns.color_palette("colorblind", len(table))
    for k, (_, row) in enumerate(table.iterrows()):
        errors = [[row["accuracy"] - row["low"]], [row["high"] - row["accuracy"]]]
        panel.errorbar(
            row[cost], row["accuracy"], yerr=errors, fmt=markers[k % len(markers)], ms=10, capsize=4, color=palette[k],
            markerfacecolor=palette[k] if row["front"] else "white", markeredgewidth=2,
            label=row["system"] + ("" if row["front"] else " (beaten)"),
        )  # fmt: skip
    panel.set_xscale("log")
    panel.margins(x=0.1, y=0.1)
    panel.set(xlabel=f"{cost} ({unit}, logarithmic)", ylabel="accuracy on PrivateTest (%)")
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1), fontsize=10)
    return figure


def convolution_cost(table: pd.DataFrame, quantity: str, unit: str) -> Figure:
    """Cost of standard and separable convolution by channels.

    Args:
        table: Columns channels, standard, separable.
        quantity: What is counted or timed.
        unit: Its unit.
    """
    figure, axes = _figure(8.6, 4.6)
    panel = axes[0, 0]
    panel.plot(table["channels"], table["standard"], "o-", color=_SECOND, lw=2.5, label="standard 3 × 3")
    panel.plot(table["channels"], table["separable"], "s-", color=_ACCENT, lw=2.5, label="depthwise separable 3 × 3")
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    panel.set_xticks(table["channels"], [str(c) for c in table["channels"]])
    panel.set(xlabel="channels in and out", ylabel=f"{quantity} ({unit}, log scale)")
    panel.legend()
    return figure


def cost_curves(costs: pd.DataFrame, xlabel: str, ylabel: str, legend: str = "") -> Figure:
    """How a cost grows, on two logarithmic axes.

    Args:
        costs: Index: what grows; a column a line.
        xlabel: What grows.
        ylabel: The cost, and its unit.
        legend: What tells the lines apart.
    """
    figure, axes = _figure(8.6, 4.6)
    panel = axes[0, 0]
    for k, (name, colour) in enumerate(zip(costs, sns.color_palette("colorblind", costs.shape[1]), strict=True)):
        panel.plot(costs.index, costs[name], f"{'os^Dvp'[k % 6]}-", color=colour, lw=2.5, label=str(name))
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    panel.set_xticks(list(costs.index), [str(x) for x in costs.index])
    panel.set(xlabel=xlabel, ylabel=f"{ylabel}, log scale")
    panel.legend(title=legend, fontsize=10)
    return figure


def misclassified(
    images: Array,
    targets: Array,
    logits: Array,
    classes: Sequence[str],
    columns: int = 8,
    rows: int = 2,
    title: str = "",
) -> Figure:
    """The wrongly classified faces that the network was surest of.

    Args:
        images: uint8 (N, H, W).
        targets: (N,).
        logits: (N, K).
        classes: Class names in label order.
        columns: Faces a row.
        rows: Rows of faces.
        title: Where faces and network come from.
    """
    probabilities = softmax(logits)
    predicted = probabilities.argmax(1)
    wrong = confident_errors(logits, targets)[: columns * rows]
    figure, axes = _figure(1.6 * columns, 2.15 * rows + 0.4, rows, columns)
    for panel in axes.flat:
        _bare(panel)
    for panel, i in zip(axes.flat, wrong, strict=False):
        panel.imshow(images[i], cmap="gray", vmin=0, vmax=255)
        panel.set_title(
            f"labelled {classes[targets[i]]}\nsaid {classes[predicted[i]]} {100 * probabilities[i].max():.0f} %",
            fontsize=9.5,
        )
    figure.suptitle(title)
    return figure


def cam_sheet(
    images: Array,
    maps: Array,
    captions: Sequence[str],
    title: str = "",
    label: str = "Grad-CAM (logit units)",
) -> Figure:
    """Faces above their Grad-CAM or saliency, all maps on one scale.

    Args:
        images: uint8 (N, H, W).
        maps: (N, H, W), >= 0, in the label's units.
        captions: (N,) what each map explains.
        title: Which network.
        label: What the maps are, and their unit.
    """
    n = len(images)
    figure, axes = _figure(1.75 * n + 1, 4.3, 2, n)
    top = float(maps.max()) or 1.0
    shown: Any = None
    for k in range(n):
        for panel in axes[:, k]:
            _bare(panel)
            panel.imshow(images[k], cmap="gray", vmin=0, vmax=255)
        shown = axes[1, k].imshow(maps[k], cmap="inferno", alpha=0.55, vmin=0, vmax=top)
        axes[0, k].set_title(captions[k], fontsize=10)
    figure.colorbar(shown, ax=axes[1, :].tolist(), label=label, shrink=0.9)
    figure.suptitle(title)
    return figure


def average_attention(attention: Attention, title: str = "", layer: str | None = None) -> Figure:
    """Average face of each class, its mean Grad-CAM over it, and how that differs from the mean over the classes.

    All maps share one scale and all differences another. Where every class peaks in the middle, the title says it.

    Args:
        attention: From :func:`ferstudy.attention.read_attention` of a recorded run.
        title: Which network, and whose faces.
        layer: One of ``attention.maps``; the finest where not given.
    """
    layer = layer or attention.fine
    maps, differences = attention.maps[layer], attention.differences(layer)
    n, side = len(attention.classes), attention.faces.shape[-1]
    figure, axes = _figure(1.65 * n + 2.2, 6.3, 3, n)
    most, apart = float(maps.max()) or 1.0, float(np.abs(differences).max()) or 1.0
    extent, faint = (0, side, side, 0), 0.6
    scales: list[Any] = []
    for k, (name, count) in enumerate(zip(attention.classes, attention.counts, strict=True)):
        for panel in axes[:, k]:
            _bare(panel)
            panel.imshow(attention.faces[k], cmap="gray", vmin=0, vmax=1, extent=extent)
        over: dict[str, Any] = {"alpha": faint, "extent": extent, "interpolation": "bilinear"}
        scales = [
            axes[1, k].imshow(maps[k], cmap="inferno", vmin=0, vmax=most, **over),
            axes[2, k].imshow(differences[k], cmap="PuOr_r", vmin=-apart, vmax=apart, **over),
        ]
        axes[0, k].set_title(name, fontweight="bold", fontsize=12, color=EMOTION_COLOURS.get(name, _INK))
        axes[2, k].set_xlabel(f"{count:,} faces" if count else "none right", fontsize=10)
    for row, (shown, label) in enumerate(zip(scales, ("mean Grad-CAM", "above the mean"), strict=True), 1):
        figure.colorbar(shown, ax=axes[row, :].tolist(), shrink=0.95).set_label(f"{label}\n(logit units)", fontsize=10)
    central = "; every class peaks in the middle third of the face" if attention.central(layer) else ""
    positions = f"{layer}, {maps.shape[1]} × {maps.shape[2]} positions{central}"
    figure.suptitle(f"{title}\n{positions}" if title else positions)
    return figure


def reliability_diagram(panels: Mapping[str, tuple[Array, Array]]) -> Figure:
    """Accuracy against confidence; a calibrated network lies on the diagonal.

    Args:
        panels: System to its logits (N, K) and targets (N,).
    """
    figure, axes = _figure(6.4, 5.4)
    panel = axes[0, 0]
    panel.plot([0, 100], [0, 100], "--", color="#888888", label="calibrated")
    for colour, (name, (logits, targets)) in zip(sns.color_palette("colorblind"), panels.items(), strict=False):
        rows = np.array([r[1:] for r in reliability(softmax(logits), targets) if r[0] >= 10])
        panel.plot(*(100 * rows.T), "o-", color=colour, label=name)
    panel.set(xlabel="confidence (%)", ylabel="accuracy (%)", xlim=(0, 100), ylim=(0, 100))
    panel.legend(fontsize=10)
    return figure


def pictures(images: Sequence[Array], captions: Sequence[str], columns: int = 4, width: float = 3.4) -> Figure:
    """Pictures in a grid, each with a caption.

    Args:
        images: uint8 (H, W) or (H, W, 3), of any sizes.
        captions: One a picture.
        columns: Pictures a row.
        width: Of a picture, in inches.
    """
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    height = width * max(image.shape[0] / image.shape[1] for image in images)
    figure, axes = _figure(width * columns, (height + 0.45) * rows, rows, columns)
    for panel in axes.flat:
        _bare(panel)
    for panel, image, caption in zip(axes.flat, images, captions, strict=False):
        panel.imshow(_shrunk(image, round(width * DPI)), cmap="gray", vmin=0, vmax=255)
        panel.set_title(caption, fontsize=11)
    return figure


def _shrunk(image: Array, pixels: int) -> Array:
    """A picture no wider than it is drawn: a vector file would carry all of its pixels."""
    from PIL import Image

    if image.shape[1] <= pixels:
        return image
    height = round(image.shape[0] * pixels / image.shape[1])
    return np.asarray(Image.fromarray(image).resize((pixels, height), Image.Resampling.LANCZOS))


def detection_stages(image: Array, stages: Stages) -> Figure:
    """What P-Net, R-Net and O-Net of MTCNN each keep (attention_fusion Fig. 6).

    Args:
        image: uint8 (H, W) or (H, W, 3).
        stages: From :func:`ferstudy.vision.mtcnn.mtcnn_stages` of that picture.
    """
    figure, axes = _figure(12.6, 0.4 + 4.2 * image.shape[0] / image.shape[1], 1, 3)
    steps = (("P-Net", stages.pnet, "region"), ("R-Net", stages.rnet, "region"), ("O-Net", stages.onet, "face"))
    for panel, (name, stage, what) in zip(axes[0], steps, strict=True):
        _photo(panel, image, 4.2)
        for left, top, right, bottom in stage.boxes.tolist():
            _outline(panel, left, top, right - left, bottom - top, _SECOND, line=2.5 if what == "face" else 1)
        panel.set_title(f"{name} keeps {len(stage):,} {what}{'s' * (len(stage) != 1)}")
    for points in stages.points:
        _marks(axes[0, 2], points)
    return figure


def landmarks(image: Array, faces: Sequence[Detection], title: str = "") -> Figure:
    """Faces with their five landmarks (residual_masking Fig. 1, first column).

    Args:
        image: uint8 (H, W) or (H, W, 3).
        faces: Faces of that picture; those without landmarks get their box only.
        title: Where the picture comes from.
    """
    width = 7.0
    figure, axes = _figure(width, 0.7 + width * image.shape[0] / image.shape[1])
    panel = axes[0, 0]
    _photo(panel, image, width)
    for face in faces:
        _outline(panel, face.box.x, face.box.y, face.box.width, face.box.height, _SECOND)
        if face.points is not None:
            _marks(panel, np.array(face.points))
    for k, name in enumerate(LANDMARKS):
        panel.plot([], [], label=name, **_mark(k))
    figure.legend(loc="outside lower center", ncols=5, fontsize=9, handletextpad=0.2, columnspacing=1.2)
    panel.set_title(title)
    return figure


def face_preparation(image: Array, face: Detection, settings: FaceCrop) -> Figure:
    """From a picture to a network's input: the face's box, what is cut, the crop, the resized crop (attention_fusion
    section 3.1 and Fig. 4).

    Args:
        image: uint8 (H, W) or (H, W, 3).
        face: The face to cut.
        settings: How; the detector is not asked.
    """
    grown = face.box.grown(settings.margin)
    cut = grown.squared() if settings.square else grown
    angle = eye_angle(face.points) if settings.align and face.points is not None else 0.0
    # The crop in the picture's own pixels, as far as a crop goes.
    crop = crop_face(image, face, replace(settings, size=min(max(cut.width, cut.height, 8), 1024)))
    ratios = [image.shape[1] / image.shape[0]] * 2 + [cut.width / cut.height, 1]
    figure, axes = _figure(3.2 * sum(ratios) + 0.4, 3.75, 1, 4, width_ratios=ratios)
    found, widened, cropped, resized = axes[0]
    for panel in (found, widened):
        _photo(panel, image, 3.2 * ratios[0])
        _outline(panel, face.box.x, face.box.y, face.box.width, face.box.height, _SECOND)
    _outline(widened, cut.x, cut.y, cut.width, cut.height, _ACCENT, angle=angle)
    _photo(cropped, crop, 4, (0, cut.width, cut.height, 0))
    result = crop_face(image, face, settings)
    _photo(resized, result, 4)
    found.set_title(f"face, {face.box.width} × {face.box.height}")
    steps = [f"+{settings.margin} pixels a side"] if settings.margin else []
    steps += (["square"] if settings.square else []) + ([f"turned {abs(angle):.0f}°"] if settings.align else [])
    widened.set_title(", ".join(steps) or "as it is")
    cropped.set_title(f"crop, {cut.width} × {cut.height}")
    resized.set_title(f"resized, {settings.size} × {settings.size}")
    return figure


def _photo(panel: Any, image: Array, width: float, extent: tuple[float, float, float, float] | None = None) -> None:
    """A picture of so many inches whose axes count its own pixels."""
    _bare(panel)
    extent = extent or (0, image.shape[1], image.shape[0], 0)
    panel.imshow(_shrunk(image, round(2 * width * DPI)), cmap="gray", vmin=0, vmax=255, extent=extent)
    panel.set(xlim=extent[:2], ylim=extent[2:], autoscale_on=False)


def _outline(
    panel: Any, x: float, y: float, width: float, height: float, colour: str, angle: float = 0, line: float = 2.5
) -> None:
    """A box that is seen on light and on dark; what lies beyond the axes is left out."""
    panel.add_patch(
        Rectangle((x, y), width, height, angle=angle, rotation_point="center", fill=False, ec=colour, lw=line,
                  path_effects=[withStroke(linewidth=line + 1.5, foreground="white")])
    )  # fmt: skip


def _mark(k: int) -> dict[str, Any]:
    """How the k-th landmark is drawn: by shape as well as by colour."""
    return {
        "marker": "os^DP"[k], "color": sns.color_palette("colorblind")[k], "ms": 8, "mec": "white",
        "mew": 1.2, "ls": "",
    }  # fmt: skip


def _marks(panel: Any, points: Array) -> None:
    for k, (x, y) in enumerate(points.tolist()):
        panel.plot(x, y, **_mark(k))


def feature_maps(
    faces: Sequence[Array], found: Sequence[Sequence[Detection]], before: Array, after: Array, title: str = ""
) -> Figure:
    """Landmarks, face, and a feature map before and after its mask, a row a face (residual_masking Fig. 1).

    Args:
        faces: uint8 (H, W), N of them.
        found: Of each face, what a detector found in its picture; nothing where it failed.
        before, after: (N, h, w) mean over the channels; a face's two maps share one scale.
        title: Which network.
    """
    figure, axes = _figure(11.8, 2.35 * len(faces) + 0.7, len(faces), 5)
    heads = ("landmarks", "face", "before the mask", "after the mask", "what the mask adds")
    for row, (face, detections) in enumerate(zip(faces, found, strict=True)):
        top = max(float(before[row].max()), float(after[row].max())) or 1.0
        added = after[row] - before[row]
        maps = ((before[row], top), (after[row], top), (added, float(added.max()) or 1.0))
        for panel in axes[row]:
            _photo(panel, face, 2.3)
        for detection in detections[:1]:
            _marks(axes[row, 0], np.array(detection.points or np.empty((0, 2))))
        extent = (0, face.shape[1], face.shape[0], 0)
        for panel, (values, most) in zip(axes[row, 2:], maps, strict=True):
            panel.imshow(values, cmap="inferno", alpha=0.65, vmin=0, vmax=most, extent=extent, interpolation="bilinear")
            panel.set_xlabel(f"0 to {most:.2g}", fontsize=9)
        if not detections:
            axes[row, 0].set_xlabel("no face found", fontsize=9)
    for panel, head in zip(axes[0], heads, strict=True):
        panel.set_title(head, fontsize=11)
    for k, name in enumerate(LANDMARKS):
        axes[0, 0].plot([], [], label=name, **_mark(k))
    figure.legend(loc="outside lower left", ncols=5, fontsize=9, handletextpad=0.2, columnspacing=1.2)
    figure.suptitle(title)
    return figure


def receptive_field(field: ReceptiveField) -> Figure:
    """How strongly the central position of a feature map depends on each pixel, with the square that holds 95 %.

    Args:
        field: From :func:`ferstudy.models.receptive_field.receptive_field`.
    """
    figure, axes = _figure(5.6, 4.6)
    panel = axes[0, 0]
    height, width = field.magnitude.shape
    shown = panel.imshow(field.magnitude / field.magnitude.max(), cmap="viridis", norm=PowerNorm(0.4))
    ys, xs = np.indices(field.magnitude.shape)
    y, x = (ys * field.magnitude).sum(), (xs * field.magnitude).sum()
    half = field.effective / 2
    corner = (max(x - half, -0.5), max(y - half, -0.5))
    size = (min(x + half, width - 0.5) - corner[0], min(y + half, height - 0.5) - corner[1])
    panel.add_patch(Rectangle(corner, *size, fill=False, edgecolor="white", linestyle="--", linewidth=2))
    panel.grid(False)
    panel.set(xlabel="pixel", ylabel="pixel", title=f"{field.rows} × {field.columns}, 95 % in {field.effective}")
    figure.colorbar(shown, ax=panel, label="gradient, share of the largest", shrink=0.9)
    return figure


def stage_bars(times: Mapping[str, float], title: str = "", xlabel: str = "milliseconds a frame") -> Figure:
    """Time by stage of a pipeline.

    Args:
        times: Stage to its time.
        title: On what it was measured.
        xlabel: The times' unit.
    """
    figure, axes = _figure(8.6, 0.5 * len(times) + 1.6)
    panel = axes[0, 0]
    bars = panel.barh(list(times), list(times.values()), color=_ACCENT)
    panel.bar_label(bars, fmt="%.2f", padding=4)
    panel.invert_yaxis()
    panel.margins(x=0.15)
    panel.grid(axis="y", visible=False)
    panel.set(xlabel=xlabel, title=title)
    return figure


def copy_sheet(
    groups: Sequence[Array], labels: Sequence[Sequence[str]], places: Sequence[Sequence[str]], title: str = ""
) -> Figure:
    """Groups of copies, side by side in a frame each, with the label and the place of every copy.

    Args:
        groups: A uint8 (M, H, W) array of M copies a group.
        labels: Class name of every copy, by group.
        places: Split of every copy, by group.
        title: Where the faces come from.
    """
    most = max(len(group) for group in groups)
    across = max(1, 8 // most)
    rows = -(-len(groups) // across)
    figure = Figure(figsize=(1.35 * most * across + 0.3, 1.85 * rows + 0.5), layout="constrained")
    frames = np.atleast_2d(figure.subfigures(rows, across, squeeze=False, wspace=0.03, hspace=0.03))
    for frame, group, names, splits in zip(frames.flat, groups, labels, places, strict=False):
        frame.set_facecolor("#f2f2f2")
        for panel, image, name, split in zip(
            frame.subplots(1, most, squeeze=False)[0], group, names, splits, strict=False
        ):
            panel.imshow(image, cmap="gray", vmin=0, vmax=255)
            panel.set_title(name, fontsize=11, fontweight="bold")
            panel.set_xlabel(split, fontsize=9.5)
        for panel in frame.axes:
            panel.set_xticks([])
            panel.set_yticks([])
            panel.set_visible(bool(panel.images))
            colour = EMOTION_COLOURS.get(panel.get_title(), _INK)
            panel.spines[:].set(color=colour, linewidth=3)
    figure.suptitle(title)
    return figure


def share_matrix(shares: pd.DataFrame, xlabel: str, ylabel: str) -> Figure:
    """Shares in a grid whose rows each sum to one.

    Args:
        shares: Shares of 0 to 1; its index and columns name rows and columns.
        xlabel, ylabel: What columns and rows are.
    """
    figure, axes = _figure(0.95 * shares.shape[1] + 2.2, 0.62 * shares.shape[0] + 1.8)
    panel = axes[0, 0]
    sns.heatmap(
        100 * shares, vmin=0, vmax=100, cmap="Blues", annot=True, fmt=".0f", ax=panel,
        cbar_kws={"label": "share of the row (%)"},
    )  # fmt: skip
    panel.set(xlabel=xlabel, ylabel=ylabel)
    panel.tick_params(axis="x", rotation=35)
    panel.tick_params(axis="y", rotation=0)
    return figure


def distribution_steps(counts: pd.DataFrame, step: float, xlabel: str, ylabel: str = "share of the class") -> Figure:
    """Histograms, each as shares of its own sum, one above the other so that none hides another.

    Args:
        counts: A row a bin, a column a class or another group; the index holds the bins' left edges.
        step: Width of a bin.
        xlabel: What is binned, and its unit.
        ylabel: What the shares are of.
    """
    figure, axes = _figure(9.5, 0.85 * counts.shape[1] + 1.1, counts.shape[1], 1, sharex=True, sharey=True)
    for panel, name in zip(axes[:, 0], counts.columns, strict=True):
        share = 100 * counts[name] / max(1, counts[name].sum())
        colour = EMOTION_COLOURS.get(str(name), _ACCENT)
        panel.bar(counts.index, share, width=step, align="edge", color=colour, edgecolor="white", linewidth=0.5)
        panel.set_ylabel(str(name), rotation=0, ha="right", va="center")
        panel.set_yticks([])
        panel.grid(False)
    axes[-1, 0].set_xlabel(xlabel)
    figure.supylabel(ylabel)
    return figure


def interval_dots(table: pd.DataFrame, title: str = "") -> Figure:
    """Accuracies with their intervals: a row a system, a dot a scoring set.

    Args:
        table: Columns system, set, accuracy, low, high (%).
        title: What is scored.
    """
    systems, sets = list(dict.fromkeys(table["system"])), list(dict.fromkeys(table["set"]))
    figure, axes = _figure(10, 0.28 * len(systems) * len(sets) + 1.9)
    panel = axes[0, 0]
    for k, (name, colour) in enumerate(zip(sets, sns.color_palette("colorblind", len(sets)), strict=True)):
        rows = table[table["set"] == name]
        place = np.array([systems.index(s) for s in rows["system"]]) + 0.7 * ((k + 0.5) / len(sets) - 0.5)
        errors = np.abs(rows[["low", "high"]].to_numpy(float).T - rows["accuracy"].to_numpy(float))
        panel.errorbar(
            rows["accuracy"], place, xerr=errors, fmt="Dos^vP"[k % 6], ms=8, capsize=4, color=colour, label=name
        )
    panel.set_yticks(range(len(systems)), systems)
    panel.invert_yaxis()
    panel.grid(axis="y", visible=False)
    panel.set(xlabel="accuracy (%), 95 % interval", title=title)
    panel.legend(fontsize=10, loc="upper left", bbox_to_anchor=(1.01, 1))
    return figure


def forest(table: pd.DataFrame, blind: tuple[float, float], human: tuple[float, float], width: float = 10) -> Figure:
    """Printed accuracies beside ours, a row a paper: the printed one as a bar, ours as a dot with its interval.

    The axis is broken between what chance gives and what is reported.

    Args:
        table: Columns name, detail (a line below it), printed, accuracy, low, high (%; NaN where nothing is recorded),
            smaller (whether ours is of something smaller than the paper's), verdict.
        blind: Chance and the share of the most frequent class (%).
        human: What people reach, least and most (%).
        width: Width in inches; below 7 the names stand over their rows, as a phone shows them.
    """
    narrow, rows = width < 7, len(table)
    systems: list[Any] = list(table.itertuples())
    figure, axes = _figure(
        width, (0.88 if narrow else 0.5) * rows + (1.7 if narrow else 1.2), columns=2, sharey=True,
        gridspec_kw={"width_ratios": [1, 4 if narrow else 6], "wspace": 0.02},
    )  # fmt: skip
    left, right = axes[0]
    seen = table[["printed", "low", "high"]].to_numpy(float)
    left.set_xlim(min(blind) - 3, max(blind) + 3)
    right.set_xlim(min(np.nanmin(seen), human[0]) - 1.5, max(np.nanmax(seen), human[1]) + 1.5)
    left.axvspan(
        *blind, color="#B0B0B0", alpha=0.5, lw=0, label="chance" if narrow else "chance to the most frequent class"
    )
    right.axvspan(*human, color=_SECOND, alpha=0.22, lw=0, label="people, 65 ± 5 %")
    for place, row in enumerate(systems):
        right.plot([row.printed], [place], "|", ms=22, mew=3.5, color=_INK, label="printed in the paper")
        if not np.isnan(row.accuracy):
            errors = [[row.accuracy - row.low], [row.high - row.accuracy]]
            right.errorbar(
                [row.accuracy], [place], xerr=errors, fmt="o", ms=9, capsize=5, lw=2.5, mew=2, color=_ACCENT,
                mfc="white" if row.smaller else _ACCENT,
            )  # fmt: skip
        ours = "" if np.isnan(row.accuracy) else f"ours {row.accuracy:.1f} %, "
        texts = [(row.verdict, "bold"), (f"{ours}printed {row.printed:.1f} %", "normal")]
        if narrow:
            texts = [(f"{row.name}: {row.verdict}", "bold"), texts[1]]
        for line, (text, weight) in enumerate(texts):
            x, y = (0.0, place - 0.48 + 0.2 * line) if narrow else (1.02, place - 0.15 + 0.32 * line)
            right.text(x, y, text, transform=right.get_yaxis_transform(), fontsize=11, va="center", fontweight=weight)
    left.set_ylim(rows - 0.5, -0.7 if narrow else -0.5)
    left.set_yticks(range(rows), [""] * rows if narrow else [f"{r.name}\n{r.detail}" for r in systems])
    for panel in (left, right):
        panel.grid(axis="y", visible=False)
        panel.tick_params(axis="y", length=0)
    left.spines["right"].set_visible(False)
    right.spines["left"].set_visible(False)
    left.set_xlabel("%")
    right.set_xlabel("accuracy on FER2013 (%)" + ("" if narrow else "; ours with its 95 % interval"))
    for face, name in ((_ACCENT, "ours"), ("white", "ours, in small")):
        right.plot([], [], "o", ms=9, mew=2, color=_ACCENT, mfc=face, label=name)
    named: dict[str, Any] = {}
    for panel in (right, left):
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            named.setdefault(label, handle)
    figure.legend(
        named.values(), named.keys(), loc="outside lower center", ncols=2 if narrow else 5, fontsize=10, frameon=False,
        markerscale=0.7,
    )  # fmt: skip
    return figure


def fold_losses(histories: Mapping[str, pd.DataFrame], columns: int = 4) -> Figure:
    """Training loss by epoch, a panel a run: each fold thin, their mean thick (mobilenet_realtime Figs. 4 and 5).

    Args:
        histories: Run to its history, columns as :class:`ferstudy.training.EpochStats`, of one or several folds.
        columns: Panels a row.
    """
    columns = min(columns, len(histories))
    rows = -(-len(histories) // columns)
    figure, axes = _figure(3.5 * columns + 0.6, 2.9 * rows + 0.7, rows, columns, sharex=True, sharey=True)
    for panel, (name, history) in zip(axes.flat, histories.items(), strict=False):
        for _, fold in history.groupby("fold"):
            panel.plot(fold["epoch"], fold["train_loss"], color=_ACCENT, lw=0.9, alpha=0.5)
        mean = history.groupby("epoch")[["train_loss", "select_loss"]].mean()
        panel.plot(mean.index, mean["train_loss"], "o-", color=_ACCENT, ms=4, lw=2.5, label="training, mean of folds")
        panel.plot(mean.index, mean["select_loss"], "s--", color=_SECOND, ms=4, lw=2, label="selection, mean of folds")
        panel.set_title(name, fontsize=12)
        panel.set_xlabel("epoch")
        panel.xaxis.get_major_locator().set_params(integer=True)
    for panel in axes[:, 0]:
        panel.set_ylabel("loss (nats)")
    for panel in axes.flat[len(histories) :]:
        panel.remove()
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=10)
    return figure


def confusion_grid(panels: Mapping[str, tuple[Array, Sequence[str]]], columns: int = 4) -> Figure:
    """Confusion matrices of different classes, percent of each row; a blank is less than half a percent
    (mobilenet_realtime Fig. 6).

    Args:
        panels: Title to a (K, K) matrix of counts or shares, rows true, and its class names.
        columns: Matrices a row.
    """
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = _figure(4.6 * columns, 4.4 * rows, rows, columns)
    for panel, (title, (matrix, classes)) in zip(axes.flat, panels.items(), strict=False):
        share = np.asarray(matrix, np.float64)
        share = 100 * share / np.maximum(share.sum(1, keepdims=True), 1e-12)
        panel.imshow(share, cmap="Blues", vmin=0, vmax=100)
        for row, column in np.argwhere(share >= 0.5):
            ink = "white" if share[row, column] > 55 else _INK
            panel.text(column, row, f"{share[row, column]:.0f}", ha="center", va="center", color=ink, fontsize=9.5)
        panel.set_xticks(range(len(classes)), list(classes))
        panel.set_yticks(range(len(classes)), list(classes))
        panel.grid(False)
        panel.set_title(title, fontsize=12)
        panel.set(xlabel="predicted", ylabel="true")
        panel.tick_params(axis="x", rotation=60, labelsize=9.5)
        panel.tick_params(axis="y", rotation=0, labelsize=9.5)
    for panel in axes.flat[len(panels) :]:
        panel.remove()
    figure.supxlabel("percent of the true class", fontsize=11)
    return figure


def feature_scatter(panels: Mapping[str, tuple[Array, Array]], classes: Sequence[str]) -> Figure:
    """Deep features on the two axes along which they vary most, a panel a network, all on one scale.

    Args:
        panels: Title to features (N, D) and labels (N,).
        classes: Class names in label order.
    """
    figure, axes = _figure(4.3 * len(panels) + 1.6, 4.5, 1, len(panels), sharex=True, sharey=True)
    for panel, (title, (features, labels)) in zip(axes[0], panels.items(), strict=True):
        centred = features - features.mean(0)
        _, _, directions = np.linalg.svd(centred, full_matrices=False)
        # The sign of a direction is arbitrary: its largest part is made positive, so that figures do not flip.
        signs = np.sign(np.take_along_axis(directions[:2], np.abs(directions[:2]).argmax(1)[:, None], 1))
        places = centred @ (directions[:2] * signs).T
        for k, name in enumerate(classes):
            here = places[labels == k]
            panel.plot(*here.T, "osD^vP*X"[k % 8], color=EMOTION_COLOURS.get(name, _INK), ms=6, alpha=0.85, label=name)
        panel.set_title(title, fontsize=12)
        panel.set(xlabel="first principal axis", ylabel="second principal axis")
        panel.label_outer()
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside right center", fontsize=10)
    return figure


def time_model(faces: Sequence[float], milliseconds: Sequence[float], ours: TimeModel, published: TimeModel) -> Figure:
    """Measured times of frames by their number of faces, the line through them, and the published line.

    Args:
        faces: Faces in each frame.
        milliseconds: Time of each frame.
        ours: Fitted to these.
        published: The paper's.
    """
    figure, axes = _figure(9, 5)
    panel = axes[0, 0]
    ends = np.array([0, max(faces)])
    for model, style, colour, whose in ((published, "--", _SECOND, "published"), (ours, "-", _ACCENT, "fitted here")):
        panel.plot(ends, model.frame + model.face * ends, style, color=colour, lw=2.5, label=f"{whose}: {model}")
    panel.plot(faces, milliseconds, "o", color=_ACCENT, ms=9, mec="white", label="measured here, medians")
    panel.set(xlabel="faces in the frame, M", ylabel="milliseconds a frame", xlim=(0, None), ylim=(0, None))
    panel.legend(fontsize=11, loc="upper left", bbox_to_anchor=(0, -0.16))
    return figure


def time_lines(values: pd.DataFrame, xlabel: str, ylabel: str) -> Figure:
    """Quantities that change from frame to frame, a line each.

    Args:
        values: A row a frame, a column a line.
        xlabel: What the rows count.
        ylabel: What the lines show, and its unit.
    """
    figure, axes = _figure(10, 4.4)
    panel = axes[0, 0]
    for k, (name, colour) in enumerate(zip(values, sns.color_palette("colorblind", values.shape[1]), strict=True)):
        panel.plot(values.index, values[name], ("-", "--", "-.")[k % 3], color=colour, lw=2.5, label=str(name))
    panel.set(xlabel=xlabel, ylabel=ylabel)
    panel.legend(fontsize=11, loc="upper left", bbox_to_anchor=(1.01, 1))
    return figure
