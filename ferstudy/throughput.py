"""Images a second: a network behind our pipeline, behind the one that most code of the field uses, and alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ferstudy.benchmark import median_seconds
from ferstudy.data.base import FaceDataset
from ferstudy.data.preparation import prepare
from ferstudy.memory import keep_freed_memory
from ferstudy.models.weights import build_network
from ferstudy.recipes import Recipe
from ferstudy.training import batches, train_one_epoch

# The matrix product that tells the machine's peak is a 1 x 1 convolution of so many channels over images of so many
# pixels a side, in the library that runs the networks' convolutions: torch's own product in float32 is another
# library's, and half as fast on some processors.
_CHANNELS, _IMAGES, _SIDE = 512, 16, 16


def plain_loader(data: FaceDataset, recipe: Recipe, workers: int = 2, training: bool = True) -> Any:
    """The way most code of the field feeds a network: a PIL image at a time through torchvision and a DataLoader.

    Args:
        data: Grey faces.
        recipe: Batch size, channels and the ranges of the augmentation.
        workers: Processes of the DataLoader; they stay from one pass to the next.
        training: Augment and shuffle.

    Returns:
        A DataLoader of float (B, C, 48, 48) in [-1, 1] and int64 (B,).
    """
    from PIL import Image
    from torchvision import transforms

    ranges = recipe.augmentation
    random_changes = [
        transforms.RandomHorizontalFlip(ranges.flip),
        transforms.RandomAffine(
            ranges.rotation, (ranges.translation, ranges.translation), (1 - ranges.zoom, 1 + ranges.zoom)
        ),
    ]
    transform = transforms.Compose(
        [
            transforms.Grayscale(recipe.preparation.channels),
            *(random_changes if training else []),
            transforms.ToTensor(),
            transforms.Normalize(0.5, 0.5),
        ]
    )

    class Faces(torch.utils.data.Dataset[tuple[Tensor, int]]):
        def __len__(self) -> int:
            return len(data)

        def __getitem__(self, index: int) -> tuple[Tensor, int]:
            return transform(Image.fromarray(np.array(data.images[index]))), int(data.labels[index])

    return torch.utils.data.DataLoader(
        Faces(),
        batch_size=recipe.batch_size,
        shuffle=training,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )


def throughput(
    recipe: Recipe, data: FaceDataset, training: bool = True, workers: int = 2, repeats: int = 3
) -> dict[str, float]:
    """Images a second of a network through our pipeline, through the plain one, and alone; passes in alternation.

    Args:
        recipe: Its network, preparation, augmentation, batch size and precision; the plain pipeline computes in
            float32 and the default memory format, as it would.
        data: Grey faces of 48 pixels; a pass sees as many as fill whole batches.
        training: Train, else score.
        workers: Processes of the plain pipeline's DataLoader.
        repeats: Passes behind each median.

    Returns:
        ``plain``, ``ours``, ``network`` (on one batch of random numbers that is there already: the ceiling), the two
        pipelines without a network, ``plain_data`` and ``our_data``; and ``product``, the floating-point operations a
        second of a large matrix product in our number format, what no direct convolution surpasses by much.
    """
    # As training and scoring do.
    keep_freed_memory()
    device, size = torch.device("cpu"), recipe.batch_size
    data = data.select(np.arange(len(data) // size * size))
    steps, loss = len(data) // size, nn.CrossEntropyLoss()
    images, labels = torch.from_numpy(np.array(data.images)), torch.from_numpy(np.array(data.labels))
    loader = plain_loader(data, recipe, workers, training)
    shape = (size, recipe.preparation.channels, recipe.preparation.size, recipe.preparation.size)
    noise = torch.randn(shape).contiguous(memory_format=torch.channels_last)

    def network(memory_format: torch.memory_format, precision: torch.dtype) -> Callable[[Iterable[Any]], Any]:
        model = build_network(recipe, data.num_classes).to(memory_format=memory_format)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

        @torch.inference_mode()
        def infer(source: Iterable[Any]) -> None:
            model.eval()
            for x, _ in source:
                model(x)

        def learn(source: Iterable[Any]) -> None:
            train_one_epoch(model, iter(source), loss, optimizer, precision=precision)

        return learn if training else infer

    def prepared() -> Iterator[tuple[Tensor, Tensor]]:
        for x, y in zip(images.split(size), labels.split(size), strict=True):
            yield prepare(x, recipe.preparation).contiguous(memory_format=torch.channels_last), y

    def our_batches() -> Iterator[tuple[Tensor, Tensor]]:
        return batches(images, labels, recipe, 1, device) if training else prepared()

    def use_up(source: Iterable[Any]) -> None:
        for _ in source:
            pass

    precision = getattr(torch, recipe.precision) if training else torch.float32
    pixels = torch.randn(_IMAGES, _CHANNELS, _SIDE, _SIDE).to(precision, memory_format=torch.channels_last)
    kernel = torch.randn(_CHANNELS, _CHANNELS, 1, 1).to(precision, memory_format=torch.channels_last)
    fast = network(torch.channels_last, precision)
    plain = network(torch.contiguous_format, torch.float32)
    operations: dict[str, Callable[[], Any]] = {
        "plain": lambda: plain(loader),
        "ours": lambda: fast(our_batches()),
        "network": lambda: fast([(noise, labels[:size])] * steps),
        "plain_data": lambda: use_up(loader),
        "our_data": lambda: use_up(our_batches()),
        "product": lambda: nn.functional.conv2d(pixels, kernel),
    }
    seconds = median_seconds(list(operations.values()), repeats, warmup=1)
    work = {**dict.fromkeys(operations, len(data)), "product": 2 * _CHANNELS**2 * _IMAGES * _SIDE**2}
    return {name: work[name] / value for name, value in zip(operations, seconds, strict=True)}
