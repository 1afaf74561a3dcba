"""Strided 1 x 1 convolutions of few channels, which torch computes out of bounds on a CPU.

The gradient of such a kernel goes to oneDNN's ``jit_1x1:avx512_core`` (or ``jit_1x1:avx2``), which first copies the
pixels that the stride keeps into a workspace. Of a channels-last input it reserves as many numbers a pixel as there are
channels, but steps by a whole block of 16 (8 with AVX2). With fewer channels and a map of more than about 22 x 22 it
writes past the end: a segmentation fault, or ``free(): invalid next size`` later. This is oneDNN's issue 6035, which
tells of wrong gradients too. Seen with torch 2.15.0 (oneDNN 3.13.3) in float32 with 3 to 12 channels and 1 or 2
threads, behind a guard page; not in bfloat16, with contiguous input, or with 16 channels and more. This is enough::

    x = torch.rand(64, 8, 48, 48).contiguous(memory_format=torch.channels_last)
    torch.nn.functional.conv2d(x, torch.rand(16, 8, 1, 1, requires_grad=True), stride=2).sum().backward()
"""

from __future__ import annotations

from torch import Tensor, nn

# Channels in a block of oneDNN's largest kernel; a smaller block overflows with fewer channels only.
_BLOCK = 16


class Conv2d(nn.Conv2d):
    """A 1 x 1 convolution that drops the pixels between its strides itself: same weights, same output."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', ceil(H / stride), ceil(W / stride))."""
        rows, columns = self.stride
        return nn.functional.conv2d(x[..., ::rows, ::columns], self.weight, self.bias)


def subsample_first(model: nn.Module) -> None:
    """Keep the kernels of a network that oneDNN would write past the workspace of from it, in place.

    Only the class of these layers changes: their names and weights stay, and no random number is drawn.
    """
    for module in model.modules():
        if (
            type(module) is nn.Conv2d
            and module.kernel_size == (1, 1)
            and module.padding == (0, 0)
            and module.groups == 1
            and max(module.stride) > 1
            and module.in_channels < _BLOCK
        ):
            module.__class__ = Conv2d
