"""SqueezeNet-SE, Inception-ResNet V1 and their ensemble against the paper's text and hand computations."""

from __future__ import annotations

import pytest
import torch

from ferstudy.errors import FerstudyError
from ferstudy.models import count_parameters, create_model
from ferstudy.models.attention_fusion import AttentionFusion
from ferstudy.models.squeezenet_se import Fire, SqueezeNetSE
from ferstudy.models.summary import layer_table


def test_squeezenet_counts_of_other_readings() -> None:
    """Counts worked out by hand for what the paper leaves open: the ninth fire's width and the reduction."""
    expected = {(64, 16): (1_161_639, 1_504_167), (64, 4): (1_629_159, 1_971_687), (80, 2): (2_517_191, 3_188_679)}
    with torch.device("meta"):
        for (ninth, reduction), (plain, bypassed) in expected.items():
            assert count_parameters(SqueezeNetSE(7, 3, False, reduction, ninth)) == plain
            assert count_parameters(SqueezeNetSE(7, 3, True, reduction, ninth)) == bypassed


@pytest.mark.parametrize(("bypass", "transitions"), [(False, 0), (True, 4)])
def test_nine_fires_with_a_transition_where_the_channels_change(bypass: bool, transitions: int) -> None:
    fires = [m for m in SqueezeNetSE(7, 3, bypass).modules() if isinstance(m, Fire)]
    assert len(fires) == 9
    assert sum(isinstance(fire.shortcut, torch.nn.Sequential) for fire in fires) == transitions


def test_the_bypass_is_added_before_the_gate() -> None:
    torch.manual_seed(0)
    fire = Fire(128, 16, 16, bypass=True).eval()
    x = torch.randn(2, 128, 6, 6)
    squeezed = fire.squeeze(x)
    summed = torch.cat([fire.expand_1x1(squeezed), fire.expand_3x3(squeezed)], 1) + x
    torch.testing.assert_close(fire(x), summed * fire.se.gate(summed)[:, :, None, None])


def test_gates_are_what_the_blocks_multiply_by() -> None:
    model = SqueezeNetSE(7, 3, bypass=True).eval()
    x = torch.randn(2, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    fires = [m for m in model.modules() if isinstance(m, Fire)]
    seen: list[torch.Tensor] = []
    for fire in fires:
        fire.se.gate.register_forward_hook(lambda m, i, o: seen.append(o))
    model(x)
    in_passing = list(seen)
    for gate, passed, fire in zip(model.gates(x), in_passing, fires, strict=True):
        torch.testing.assert_close(gate, passed)
        assert gate.shape == (2, 2 * fire.expand_1x1[0].out_channels)
        assert bool(((gate > 0) & (gate < 1)).all())


def test_inception_resnet_is_facenets_body() -> None:
    """With facenet-pytorch's weights in the shared layers, the pooled features are its own."""
    facenet = pytest.importorskip("facenet_pytorch")
    theirs = facenet.InceptionResnetV1(pretrained=None).eval()
    ours = create_model("inception_resnet_v1", seed=0).eval()
    shared = {k: v for k, v in theirs.state_dict().items() if not k.startswith(("last_", "logits"))}
    ours.features.load_state_dict(dict(zip(ours.features.state_dict(), shared.values(), strict=True)))  # type: ignore[union-attr]
    x = torch.randn(2, 3, 86, 86, generator=torch.Generator().manual_seed(0))
    found: list[torch.Tensor] = []
    theirs.avgpool_1a.register_forward_hook(lambda m, i, o: found.append(o))
    theirs(x)
    torch.testing.assert_close(ours.pool(ours.features(x)), found[0])  # type: ignore[operator]
    with torch.device("meta"):
        # The published count of the 512-value network checks the formula by which ours has 22,794,631.
        assert count_parameters(facenet.InceptionResnetV1(pretrained=None)) == 23_482_624
    assert 23_482_624 - (512 - 128) * (1792 + 2) + 128 * 7 + 7 == 22_794_631


def test_ensemble_by_hand() -> None:
    model = AttentionFusion(7, 3).eval()
    x = torch.randn(2, 3, 86, 86, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        embeddings = torch.stack([m.embed(x) for m in model.members.values()], 2)  # (B, 128, 3)
        # The 1 x 3 kernel slides along the three embeddings, zeros beyond; then the mean over all 128 x 3 positions.
        weight, bias = model.combine.weight[:, 0, 0], model.combine.bias  # (128, 3)
        padded = torch.nn.functional.pad(embeddings, (1, 1))
        maps = torch.stack([padded[:, :, k : k + 3] @ weight.T + bias for k in range(3)])  # (3, B, rows, channels)
        average = maps.relu().mean((0, 2))  # (B, 128)
        outputs = [m(x) for m in model.members.values()] + [model.fc(average)]
        torch.testing.assert_close(model(x), sum(outputs) / 4, rtol=1e-4, atol=1e-5)
        model.average = "probabilities"
        mean = sum(o.softmax(1) for o in outputs) / 4
        torch.testing.assert_close(model(x).exp(), mean, rtol=1e-4, atol=1e-5)
        three = list(embeddings.unbind(2))
        for reading, expected in (("linear", maps.mean((0, 2))), ("rows", maps.relu().mean((0, 3)))):
            model.reading = reading
            torch.testing.assert_close(model.combined(three), expected, rtol=1e-4, atol=1e-5)
    joined = count_parameters(model) - sum(count_parameters(m) for m in model.members.values())
    assert joined == 3 * 128 + 128 + 128 * 7 + 7 == 1_415
    with pytest.raises(FerstudyError, match="unknown average"):
        AttentionFusion(7, 3, average="votes")


@pytest.mark.parametrize(("reading", "rank"), [("relu", 128), ("linear", 3), ("rows", 128)])
def test_the_rank_of_the_aev_hangs_on_the_reading(reading: str, rank: int) -> None:
    """Linear in three sums, the AEV of any number of faces spans three directions about its mean, else all 128."""
    model = AttentionFusion(7, 3, reading=reading, width=0.125)
    embeddings = torch.randn(3, 400, 128, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = model.double().combined(list(embeddings))
    assert torch.linalg.matrix_rank(found - found.mean(0), rtol=1e-9) == rank
    with pytest.raises(FerstudyError, match="did you mean relu"):
        AttentionFusion(7, 3, reading="rely")


def test_squeezenet_without_se() -> None:
    """SqueezeNet 1.0 with batch norm, a ninth fire and two linear layers, counted by hand from its table of fires."""
    model = SqueezeNetSE(7, 3, bypass=False, se_reduction=0)
    before, count = 96, 96 * 3 * 49 + 2 * 96
    for squeeze in (16, 16, 32, 32, 48, 48, 64, 64, 64):
        expand = 4 * squeeze
        count += before * squeeze + squeeze * expand * (1 + 9) + 2 * (squeeze + 2 * expand)
        before = 2 * expand
    assert count_parameters(model) == count + 512 * 128 + 128 + 128 * 7 + 7
    assert model.eval().gates(torch.zeros(1, 3, 48, 48)) == []


@pytest.mark.parametrize("width", [0.125, 0.25, 0.5])
def test_inception_resnet_at_a_share_of_its_width(width: float) -> None:
    whole, narrow = create_model("inception_resnet_v1"), create_model("inception_resnet_v1", width=width)
    pairs = zip(whole.features.state_dict().values(), narrow.features.state_dict().values(), strict=True)  # type: ignore[union-attr]
    assert all(len(b) == width * len(a) for a, b in pairs if a.ndim)
    assert narrow(torch.zeros(2, 3, 86, 86)).shape == (2, 7)
    with pytest.raises(FerstudyError, match="width of inception_resnet_v1"):
        create_model("inception_resnet_v1", width=0.3)


def test_figure_8_shapes() -> None:
    with torch.device("meta"):
        rows = layer_table(create_model("squeezenet_se"), (3, 86, 86), ["features", "pool", "embedding", "fc"])
    assert [row.shape for row in rows] == [(512, 5, 5), (512, 1, 1), (128,), (7,)]
