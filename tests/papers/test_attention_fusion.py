"""The transcription of the paper against its own numbers, its recipes against its text, its errata by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ferstudy.data.ck_plus import CLASSES, OFFICIAL
from ferstudy.data.protocols import get_protocol
from ferstudy.models import count_parameters, create_model, model_info
from ferstudy.papers import attention_fusion as paper
from ferstudy.papers import attention_fusion_errata as errata
from ferstudy.papers import get_paper, get_recipe
from ferstudy.recipes import Recipe

RECIPES = {recipe.name: recipe for recipe in paper.RECIPES}


def test_tables_have_every_system_and_class() -> None:
    assert set(paper.TABLE_1) == set(paper.TABLE_2) == set(paper.SYSTEMS)
    assert {len(row) for row in paper.TABLE_1.values()} == {len(paper.TABLE_1_CLASSES)} == {7}
    assert {len(row) for row in paper.TABLE_2.values()} == {len(paper.TABLE_2_CLASSES)} == {6}
    assert [len(table) for table in (paper.TABLE_3, paper.TABLE_4, paper.TABLE_5)] == [4, 4, 7]
    assert all(set(by_model) == set(paper.SYSTEMS) for by_model in paper.ACCURACY.values())


def test_table_2_averages_to_table_4() -> None:
    """All classes have 80 films, so Table 4 is near the mean over the classes: within 0.15 points for all four."""
    for model, row in paper.TABLE_2.items():
        assert np.mean(row) == pytest.approx(paper.ACCURACY["oulu_casia"][model], abs=0.15)


def test_lowest_accuracies_are_those_that_the_text_names() -> None:
    """Section 4.3: 89 % for contempt and 83.49 % for sad, both of SqueezeNet Complex-SE."""
    lowest = min((v, m, k) for m, row in paper.TABLE_1.items() for v, k in zip(row, paper.TABLE_1_CLASSES, strict=True))
    assert lowest == (89, "squeezenet_complex_se", "contempt")
    lowest = min((v, m, k) for m, row in paper.TABLE_2.items() for v, k in zip(row, paper.TABLE_2_CLASSES, strict=True))
    assert lowest == (83.49, "squeezenet_complex_se", "sad")


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_found_and_build_their_network(name: str) -> None:
    recipe = get_recipe(name)
    assert recipe is RECIPES[name]
    assert recipe.model in paper.SYSTEMS
    assert Recipe.from_dict(recipe.to_dict()) == recipe
    assert recipe.cites


@pytest.mark.parametrize("name", [name for name in RECIPES if name.endswith((".published", ".strict"))])
def test_recipes_are_what_section_4_2_says(name: str) -> None:
    recipe = RECIPES[name]
    assert (recipe.optimizer.name, recipe.optimizer.weight_decay) == ("sgd", 5e-5)
    assert (recipe.batch_size, recipe.seed) == (96, 777)
    assert recipe.schedule.name == "plateau"  # "change the learning rate based on the accuracy of the validation set"
    assert (recipe.preparation.channels, recipe.preparation.scaling) == (3, "standardise")  # RGB; section 3.4
    assert recipe.augmentation.rotation == 15  # section 3.3
    assert recipe.augmentation.vertical_flip > 0
    assert recipe.augmentation.contrast > 0


def test_fer2013_is_cropped_to_86_of_96_and_votes() -> None:
    recipe = get_recipe("squeezenet_se.fer2013.published")
    assert (recipe.preparation.size, recipe.augmentation.crop, recipe.augmentation.crops) == (96, 86, "ten")
    assert "eleven" in recipe.tta
    assert (recipe.protocol, recipe.folds) == ("strict", 0)


def test_films_are_cut_by_mtcnn_with_20_pixels_and_folded_by_identity() -> None:
    for dataset, share in (("ck_plus", 0.10), ("oulu_casia", 0.15)):
        published, strict = (get_recipe(f"inception_resnet_v1.{dataset}.{kind}") for kind in ("published", "strict"))
        assert published.dataset_options["faces"]["detector"] == "mtcnn"
        assert published.dataset_options["faces"]["margin"] == 20
        assert published.dataset_options["faces"]["size"] == published.preparation.size == 128
        folding = get_protocol(published.protocol).folding
        assert (folding.count, folding.order, folding.validation) == (10, "ascending", share)
        assert get_protocol(published.protocol).flaws == ("validation",)
        assert get_protocol(strict.protocol).flaws == ()
        assert published == strict.but(name=published.name, protocol=published.protocol, cites=published.cites)
    assert get_recipe("squeezenet_se.oulu_casia.published").dataset_options["first_frame"] == 7
    assert get_recipe("squeezenet_se.ck_plus.published").dataset_options["frames"] == "last3"


def test_the_ensemble_joins_the_members_trained_by_this_file() -> None:
    recipe = get_recipe("attention_fusion.fer2013.published")
    assert recipe.freeze == ("members",)
    runs = recipe.init.split(" + ")
    assert runs == [get_recipe(f"{member}.fer2013.published").run_name for member in paper.MEMBERS]
    # Section 3.6: E1 to E3 in this order.
    with_members = create_model("attention_fusion")
    assert [name for name, _ in with_members.get_submodule("members").named_children()] == list(paper.MEMBERS)


def test_layers_are_modules_of_both_networks() -> None:
    for name in ("squeezenet_se", "squeezenet_complex_se"):
        modules = dict(create_model(name).named_modules())
        assert set(paper.LAYERS.values()) <= set(modules)
    assert sum(name.startswith("fire") for name in paper.LAYERS) == 9  # section 3.5


def test_readings_are_those_worked_out_by_hand() -> None:
    """Sums of the layers' closed forms: convolutions, batch norms, 2 C^2 / r + C / r + C of the SE blocks."""
    table = errata.parameter_readings()
    rows = {(r[0], r[1]): (r[2], r[3], r[4]) for r in table.itertuples(index=False, name=None)}
    assert rows["64 / 256", 16] == (1_161_639, 1_504_167, 2_261_415)
    assert rows["64 / 256", 2] == (2_252_519, 2_595_047, 3_352_295)
    assert rows["64 / 256", 1] == (3_499_239, 3_841_767, 4_599_015)
    assert rows["80 / 320", 16] == (1_297_231, 1_968_719, 2_462_799)
    assert rows["80 / 320", 1] == (3_911_431, 4_582_919, 5_076_999)
    for model, printed in paper.PARAMETERS.items():
        assert model_info(model).published_parameters == printed
    both = (table["SE / 2.6 M"].round(1) == 1) & (
        (table["Complex-SE / 4.4 M"].round(1) == 1) | (table["on all / 4.4 M"].round(1) == 1)
    )
    assert not both.any()


def test_inception_has_the_printed_count_however_norms_are_counted() -> None:
    table = errata.inception_readings()
    assert table["with 7 classes"].tolist() == [22_794_631, 22_809_047, 22_823_463]
    assert table["agrees"].all()
    assert count_parameters(create_model("inception_resnet_v1")) == 22_794_631


def test_implied_accuracies_by_hand() -> None:
    """CK+ has 981 images; Complex-SE misses .0071 of 135, .11 of 54 and .004 of 249."""
    assert 3 * sum(OFFICIAL) == 981
    assert OFFICIAL[CLASSES.index("contempt")] == 18
    table = errata.implied_accuracy().set_index(["dataset", "system"])
    missed = 0.0071 * 135 + 0.11 * 54 + 0.004 * 249
    row = table.loc["CK+", "SqueezeNet Complex-SE"]
    assert row["weighed by images"] == pytest.approx(100 * (1 - missed / 981), abs=0.006)
    assert row["mean over classes"] == pytest.approx(98.27, abs=0.005)
    assert table.loc["CK+", "Inception-Resnet V1"]["weighed by images"] == pytest.approx(99.80, abs=0.005)


def test_99_29_percent_of_135_images_does_not_exist() -> None:
    table = errata.whole_images()
    assert table.loc[~table["agrees"], "printed"].tolist() == [99.29]
    assert not any(round(100 * k / 135, 2) == 99.29 for k in range(136))


def test_gaps_by_hand() -> None:
    assert errata.gaps("fer2013", ["attention_fusion"])[0] == (-0.55, "Georgescu et al. [42] (2019)")
    assert errata.gaps("oulu_casia", ["squeezenet_complex_se"])[0] == (-1.97, "Kuo et al. [39] (2018)")
    assert errata.gaps("ck_plus", ["squeezenet_complex_se"])[0] == (1.0, "Yang et al. [25] (2018)")
    assert errata.gaps("ck_plus", ["squeezenet_se"])[-1] == (5.11, "Cai et al. [24] (2017)")


def test_the_aev_is_three_means() -> None:
    """Two sets of embeddings of equal means give one AEV, in the library's own network too."""
    assert errata.aev_rank() == 3
    model = create_model("attention_fusion", seed=0).eval()
    first = torch.randn(1, 1, 128, 3, generator=torch.Generator().manual_seed(0))
    second = first[:, :, torch.randperm(128, generator=torch.Generator().manual_seed(1))]
    aev = [model.get_submodule("pool")(model.get_submodule("combine")(matrix)) for matrix in (first, second)]
    assert not torch.equal(first, second)
    torch.testing.assert_close(aev[0], aev[1], rtol=1e-4, atol=1e-6)


def test_errata_say_something_each() -> None:
    table = errata.errata()
    assert len(table) == 15
    assert table["its numbers say"].str.len().min() > 20
    assert table.iloc[0, 1].startswith("its 99.1 % is below 2 of its members")


def test_catalogue_is_whole() -> None:
    ids = {entry.id for entry in get_paper("attention_fusion").entries}
    tables, figures, claims = range(1, 6), (4, 6, 8, 9, 12, 13, 14, 15, 16, 17), range(1, 6)
    wanted = {f"T{k}" for k in tables} | {f"F{k}" for k in figures} | {f"X{k}" for k in claims} | {"errata"}
    assert wanted <= ids
