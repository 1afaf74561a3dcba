"""Every paper: the entries that its report must show, and what its recipes draw."""

from __future__ import annotations

import importlib
import re
import string
from dataclasses import replace

import pytest
import torch

from ferstudy.data.augmentation import Augmentation
from ferstudy.data.transforms import augment
from ferstudy.papers import Erratum, errata_table, get_paper, list_papers, list_recipes


def _numbered(letter: str, *numbers: int) -> set[str]:
    return {f"{letter}{number}" for number in numbers}


# The papers' tables and figures, and the claims of their text, as the catalogue of the design has them.
ENTRIES = {
    "attention_fusion": _numbered("T", *range(1, 6))
    | _numbered("F", 4, 6, 8, 9, 12, 13, 14, 15, 16, 17)
    | _numbered("X", *range(1, 6)),
    "lite_xception": _numbered("T", *range(1, 5)) | _numbered("F", *range(1, 8)) | {"X1"},
    "mobilenet_realtime": _numbered("T", *range(1, 8)) | _numbered("F", *range(4, 9)) | _numbered("X", 1, 2, 3),
    "residual_masking": _numbered("T", *range(1, 5)) | _numbered("F", 1, 3, 4, 6, 7, 8) | _numbered("X", 1, 2, 3),
    "small_cnn": _numbered("T", 0, 1) | _numbered("F", *range(5, 11)) | _numbered("X", *range(1, 8)),
}


def test_the_papers_are_five() -> None:
    assert list_papers() == list(ENTRIES)


@pytest.mark.parametrize("key", ENTRIES)
def test_catalogue_is_whole(key: str) -> None:
    ids = [entry.id for entry in get_paper(key).entries]
    assert {entry_id for entry_id in ids if entry_id[0] in "TFX"} == ENTRIES[key]
    assert ids[-1] == "errata"
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("wanted", dict.fromkeys(recipe.augmentation for recipe in list_recipes()))
def test_every_recipes_augmentation_works_and_follows_from_the_seed(wanted: Augmentation) -> None:
    side = 96 if wanted.crop == 86 else 48
    x = torch.rand(4, 3, side, side, generator=torch.Generator().manual_seed(1))
    out, again = (augment(x, wanted, torch.Generator().manual_seed(1)) for _ in range(2))
    assert out.shape == (4 * wanted.copies, 3, *[wanted.crop or side] * 2)
    assert 0 <= out.min() < out.max() <= 1
    torch.testing.assert_close(out, again, rtol=0, atol=0)
    assert torch.equal(out, x) == (wanted == Augmentation(flip=0))


@pytest.mark.parametrize("key", list_papers())
def test_papers_say_what_and_whose_they_are(key: str) -> None:
    paper = get_paper(key)
    assert paper.key == key
    assert paper.title
    assert paper.authors
    assert 2016 <= paper.year <= 2022
    assert not paper.doi or re.fullmatch(r"10\.\d{4,9}/\S+", paper.doi)
    assert not paper.address or paper.address.startswith("https://")
    assert importlib.import_module(f"ferstudy.papers.{key}").PAPER is paper


def test_addresses_lead_to_the_paper_first_and_to_its_code_else() -> None:
    by_doi, by_code = get_paper("attention_fusion"), get_paper("residual_masking")
    assert by_doi.address == "https://doi.org/10.4108/eai.17-3-2021.169033"
    assert by_code.address == by_code.code == "https://github.com/phamquilluan/ResidualMaskingNetwork"
    assert replace(by_code, doi="10.1000/182").address == "https://doi.org/10.1000/182"


def test_an_erratum_is_filled_in_by_its_computation() -> None:
    slip = Erratum("sum", "the parts make 5", "Table 9", "{a} + 2 = {total:.1f}", lambda: {"a": 2, "total": 4})
    words = Erratum("words", "section 1 says red", "", "section 2 says blue")
    table = errata_table([slip, words])
    assert table.to_dict("list") == {
        "the paper says": ["the parts make 5 (Table 9)", "section 1 says red"],
        "its numbers say": ["2 + 2 = 4.0", "section 2 says blue"],
    }


@pytest.mark.parametrize("key", list_papers())
def test_errata_use_every_value_that_they_compute(key: str) -> None:
    errata: tuple[Erratum, ...] = importlib.import_module(f"ferstudy.papers.{key}.errata").ERRATA
    assert len({erratum.id for erratum in errata}) == len({erratum.claim for erratum in errata}) == len(errata)
    for erratum in errata:
        names = {re.split(r"[.[]", name)[0] for _, name, *_ in string.Formatter().parse(erratum.finding) if name}
        assert names == set(erratum.compute()), erratum.id
        assert "nan" not in erratum.verdict().split()
        assert not set("{}") & set(erratum.claim + erratum.verdict())
