"""The card of shipped weights: its numbers against counts made here, and that nothing a user must know is left out."""

from __future__ import annotations

import numpy as np
import pytest

from ferstudy.audit import read_audit
from ferstudy.model_card import MISUSE, model_card
from ferstudy.pretrained import list_pretrained
from ferstudy.runs import Run, get_run
from tests.conftest import ROOT

SHIPPED = [get_run(run.name, ROOT / "reports" / "runs") for run in list_pretrained()]
AUDIT = read_audit("fer2013", ROOT / "reports" / "audits")


@pytest.mark.parametrize("run", SHIPPED, ids=lambda run: run.name)
def test_a_card_says_what_the_predictions_say(run: Run) -> None:
    card = model_card(run, AUDIT)
    said = card.groupby("about")["said"].apply(list)
    logits, targets = run.predictions["PrivateTest.single.logits"], run.predictions["PrivateTest.targets"]
    right = logits.argmax(1) == targets
    assert said["accuracy"][0].startswith(f"PrivateTest: {100 * right.mean():.2f} %")
    recalls = {name: right[targets == k].mean() for k, name in enumerate(run.status["classes"])}
    worst = sorted(recalls, key=recalls.__getitem__)[:3]
    assert [line.split(":")[0] for line in said["fails"]] == worst
    assert f"{100 * recalls[worst[0]]:.0f} % of" in said["fails"][0]
    exps = np.exp(logits.astype(np.float64))
    assert f"mean confidence {100 * (exps.max(1) / exps.sum(1)).mean():.1f} %" in said["confidence"][0]


@pytest.mark.parametrize("run", SHIPPED, ids=lambda run: run.name)
def test_a_card_warns_of_copies_labels_and_misuse(run: Run) -> None:
    card = model_card(run, AUDIT)
    text = " ".join(card["said"])
    assert "288 of 3,589 images of PrivateTest" in text
    assert "ten people named each image of PrivateTest again" in text
    assert text.count("without") >= 2
    assert set(MISUSE) <= set(card["said"])


def test_a_card_without_an_audit_says_nothing_of_copies() -> None:
    card = model_card(SHIPPED[0])
    assert "data" not in set(card["about"])
    assert "not for" in set(card["about"])
