"""Which protocols the forms of a dataset can serve, and why not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ferstudy.data import list_datasets
from ferstudy.data.layouts import LAYOUTS
from ferstudy.data.protocols import get_protocol, list_protocols
from ferstudy.data.serving import Service, services, summary
from ferstudy.errors import FerstudyError

CK_PLUS = [name for name in list_protocols() if "ck_plus" in name]
GENERAL = ["random5", "random5_subject"]
SMALL = ["small_target", "small_target_rest"]
OFFICIAL = ["development", "pooled", "strict", "swapped", "swapped_train_val", "train_val", *SMALL]


def by_name(name: str, root: Path) -> dict[str, Service]:
    return {service.protocol: service for service in services(name, root)}


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every dataset, the films with enough people for ten folds, and JAFFE beside each form of CK+."""
    top = tmp_path_factory.mktemp("serving")
    for name, write in LAYOUTS.items():
        write(top / "owners" / name, **({"people": 12} if name in ("ck_plus", "oulu_casia") else {}))
    for form in ("CK+48", "ckextended.csv"):
        LAYOUTS["ck_plus"](top / form / "ck_plus", people=12, form=form)
        LAYOUTS["jaffe"](top / form / "jaffe", people=5)
    return top


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ck_plus", [*CK_PLUS, *GENERAL]),
        ("fer2013", [*GENERAL, *OFFICIAL]),
        ("ferplus", [*GENERAL, *OFFICIAL]),
        ("folder", GENERAL),
        ("jaffe", ["ck_plus_to_jaffe", "jaffe_to_ck_plus", *GENERAL]),
        ("kdef", GENERAL),
        ("oulu_casia", ["oulu_casia_identity", "oulu_casia_identity_subject", *GENERAL]),
        ("raf_db", GENERAL),
        ("vemo", ["vemo_splits", *GENERAL]),
        ("synthetic", [*GENERAL, *OFFICIAL]),
    ],
)
def test_the_protocols_of_each_dataset(name: str, expected: list[str], copies: Path) -> None:
    found = by_name(name, copies / "owners")
    assert sorted(found) == sorted(expected)
    people = name in ("ck_plus", "jaffe", "kdef", "oulu_casia", "synthetic")
    for protocol, service in found.items():
        # The owners' forms serve all protocols but those that need more people than are known or there.
        too_few = protocol == "random5_subject" and (not people or name in ("jaffe", "kdef"))
        if protocol in SMALL:
            # They draw 213 of the training images, which the synthetic faces alone have here.
            too_few = name != "synthetic"
        assert service.served != too_few, service
        assert bool(service.why) == too_few
        assert (service.images > 0) == (service.folds > 0) == service.served


def test_every_dataset_is_asked() -> None:
    assert sorted([*LAYOUTS, "synthetic"]) == list_datasets()


@pytest.mark.parametrize("form", ["CK+48", "ckextended.csv"])
def test_what_the_forms_of_ck_plus_serve(form: str, copies: Path) -> None:
    found = by_name("ck_plus", copies / form)
    owners = by_name("ck_plus", copies / "owners")
    for protocol in CK_PLUS:
        selection = get_protocol(protocol).selection
        if form == "CK+48":
            # Its last frames are the owners'; it has no first ones.
            assert found[protocol].served == (not selection.onsets)
            if selection.onsets:
                assert "the first frame counts as neutral" in found[protocol].why
            elif not get_protocol(protocol).datasets:
                assert found[protocol].images == owners[protocol].images
        else:
            assert not found[protocol].served
            assert "'last" in found[protocol].why or "still images only" in found[protocol].why
    assert found["random5"].served
    assert found["random5_subject"].served == (form == "CK+48")
    if form == "ckextended.csv":
        assert "needs to know who is in each image" in found["random5_subject"].why
    assert not any("\n" in service.why for service in found.values())


def test_pooled_test_images_serve_no_protocol_of_official_splits(tmp_path: Path) -> None:
    found = by_name("fer2013", LAYOUTS["fer2013"](tmp_path, form="folders_pooled"))
    assert [name for name, service in found.items() if service.served] == ["random5"]
    assert "its test images are pooled" in found["strict"].why
    assert not found["strict"].why.startswith("protocol")


def test_the_other_dataset_of_two_must_be_there(copies: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(copies / "CK+48" / "jaffe", tmp_path / "jaffe"))
    found = by_name("jaffe", root)
    assert "ck_plus is not in" in found["jaffe_to_ck_plus"].why
    with pytest.raises(FerstudyError, match="jaffe is not in"):
        services("jaffe", tmp_path / "nowhere")


def test_the_summary_puts_together_what_lacks_the_same() -> None:
    lines = summary(
        "x", [Service("a", True, 1200, 5), Service("b", False, why="no b"), Service("c", False, why="no b")]
    )
    assert lines == ["this form serves 1 of 3 protocols for x: a (1,200 images, folds: 5)", "not b, c: no b"]
