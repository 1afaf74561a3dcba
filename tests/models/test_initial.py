"""First weights: what is copied, what stays fresh, and what is said when there are none."""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import pytest
import torch

from ferstudy.errors import FerstudyError
from ferstudy.models import create_model, model_info
from ferstudy.models.initial import freeze, imagenet_state, train_mode, transfer


def test_what_fits_is_copied_and_the_rest_named() -> None:
    old, new = create_model("resnet18", num_classes=1000, seed=0), create_model("resnet18", seed=1)
    kept = transfer(new, old.state_dict())
    assert kept == ["fc.weight", "fc.bias"]
    assert torch.equal(new.state_dict()["layer4.1.conv2.weight"], old.state_dict()["layer4.1.conv2.weight"])


def test_a_named_part_stays_fresh() -> None:
    old, new = create_model("lite_xception", seed=0), create_model("lite_xception", seed=1)
    fresh = {k: v.clone() for k, v in new.state_dict().items()}
    kept = transfer(new, old.state_dict(), reinitialise=("stem.0", "fc.*"))
    assert kept == ["stem.0.weight", "fc.weight", "fc.bias"]
    assert torch.equal(new.state_dict()["stem.0.weight"], fresh["stem.0.weight"])


@pytest.mark.parametrize(("before", "after"), [(3, 1), (1, 3)])
def test_other_colours_give_the_same_answer_to_grey_faces(before: int, after: int) -> None:
    old = create_model("resnet18", in_chans=before, seed=0).eval()
    new = create_model("resnet18", in_chans=after, seed=1).eval()
    assert transfer(new, old.state_dict()) == []
    grey = torch.randn(2, 1, 64, 64)
    torch.testing.assert_close(
        new(grey.expand(-1, after, -1, -1)), old(grey.expand(-1, before, -1, -1)), rtol=1e-4, atol=1e-5
    )


def test_torchvisions_weights_fit_the_networks_that_name_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the network, torchvision's own fresh networks stand for its files: names and shapes are theirs."""
    import torchvision

    for name in ("resmasking", "cbam_resnet50", "bam_resnet50", "googlenet"):
        info = model_info(name)
        assert info.imagenet is not None
        with torch.device("meta"):
            options = {"init_weights": False} if name == "googlenet" else {}
            state = torchvision.models.get_model(info.imagenet, **options).state_dict()
            own = create_model(name).state_dict()
        fitting = [k for k, v in own.items() if k in state and state[k].shape == v.shape]
        backbone = [k for k in own if not k.startswith(("fc", "masks")) and "cbam" not in k and ".channel" not in k]
        assert set(backbone) - set(fitting) <= {k for k in own if ".spatial" in k}


def test_offline_and_not_cached_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    monkeypatch.setattr("torch.hub.urlopen", unreachable)
    with pytest.raises(FerstudyError, match="ImageNet weights of resnet34 are not at .*resnet34.*connect once"):
        imagenet_state(model_info("resmasking"))
    with pytest.raises(FerstudyError, match="no ImageNet weights in torchvision"):
        imagenet_state(model_info("mobilenet_v1"))


def test_cached_weights_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file of the cache's name is enough; torchvision checks the digest in its name, which ours cannot have."""
    import torchvision

    weights = torchvision.models.ResNet18_Weights.IMAGENET1K_V1
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    torch.save(torchvision.models.resnet18().state_dict(), folder / weights.url.rpartition("/")[2])
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    model = create_model("resnet18", seed=0)
    assert transfer(model, imagenet_state(model_info("resnet18"))) == ["fc.weight", "fc.bias"]


def test_freezing_stops_gradients_and_statistics() -> None:
    model = create_model("lite_xception", seed=0)
    freeze(model, ("stem", "blocks.0*"))
    train_mode(model)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model(torch.randn(8, 1, 48, 48)).sum().backward()
    assert all((p.grad is None) == n.startswith(("stem", "blocks.0")) for n, p in model.named_parameters())
    after = model.state_dict()
    assert torch.equal(before["stem.1.running_mean"], after["stem.1.running_mean"])
    assert not torch.equal(before["blocks.3.body.1.running_mean"], after["blocks.3.body.1.running_mean"])


def test_mistakes_are_explained() -> None:
    model = create_model("lite_xception")
    with pytest.raises(FerstudyError, match="fit nothing in LiteXception"):
        transfer(model, create_model("fernet").state_dict())
    with pytest.raises(FerstudyError, match="matches no weight"):
        transfer(model, model.state_dict(), reinitialise=("head",))
