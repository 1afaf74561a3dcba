"""What the front page and the README tell: every paper's headline beside ours, its verdicts, and the best runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ferstudy.data.fer2013 import OFFICIAL
from ferstudy.papers import Paper, get_paper, list_papers
from ferstudy.papers.residual_masking.published import HUMAN_ERROR, TABLE_3
from ferstudy.recorded import results
from ferstudy.reports.verdicts import FAILS, HOLDS, IN_SMALL, UNDECIDED, Verdict, counted, headline, verdicts_of

# What a README has around the part that is written anew with every build.
_MARKS = "<!-- verdicts -->", "<!-- /verdicts -->"
_BEST = 5


@dataclass(frozen=True)
class Story:
    """A paper and what became of its claims."""

    paper: Paper
    verdicts: list[Verdict]

    @property
    def headline(self) -> Verdict:
        return headline(self.verdicts)

    @property
    def counted(self) -> dict[str, int]:
        """How many verdicts bear each word."""
        return counted(self.verdicts)

    @property
    def decided(self) -> float:
        """Share of the claims that our numbers decide, 0 to 1."""
        return sum(self.counted.get(word, 0) for word in (HOLDS, IN_SMALL, FAILS)) / len(self.verdicts)

    @property
    def byline(self) -> str:
        """First author and year."""
        first = re.split(r",| and ", self.paper.authors)[0]
        return f"{re.sub(r'(?:[A-Z][.] ?)+', '', first)} {self.paper.year}"

    @property
    def short(self) -> str:
        """The headline's verdict, short enough for a figure."""
        unrecorded = self.headline.word == UNDECIDED and np.isnan(self.headline.percent)
        return "not recorded yet" if unrecorded else self.headline.word

    def of_entry(self, entry: str) -> str:
        """The words of an entry's verdicts, each once."""
        return "; ".join(dict.fromkeys(v.word for v in self.verdicts if v.claim.entry == entry))


def stories(runs: Path) -> list[Story]:
    """Every paper's, those first of whose claims our numbers decide the largest share.

    Args:
        runs: Folder of recorded runs.
    """
    found = [Story(get_paper(key), verdicts_of(get_paper(key), runs)) for key in list_papers()]
    return sorted(found, key=lambda story: (-story.decided, story.paper.key))


def forest_figure(told: Sequence[Story], width: float) -> Any:
    """The headlines as a forest plot, so many inches wide."""
    from ferstudy import figures

    rows = [
        {
            "name": story.paper.key,
            "detail": story.byline,
            "printed": story.headline.claim.test.percent,  # type: ignore[union-attr]
            "accuracy": story.headline.percent,
            "low": story.headline.low,
            "high": story.headline.high,
            "smaller": bool(story.headline.scale),
            "verdict": story.short,
        }
        for story in told
    ]
    private = OFFICIAL[2]
    human = next(row.single or 0.0 for row in TABLE_3 if row.name.startswith("Human"))
    return figures.forest(
        pd.DataFrame(rows),
        blind=(100 / len(private), 100 * float(private.max() / private.sum())),
        human=(human - HUMAN_ERROR, human + HUMAN_ERROR),
        width=width,
    )


def best_runs(runs: Path) -> list[dict[str, Any]]:
    """The first five of the leaderboard: strict runs on PrivateTest, single view."""
    frame = results(runs)
    wanted = {"dataset": "fer2013", "protocol": "strict", "split": "PrivateTest", "view": "single"}
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    accuracies = frame[(frame["measure"] == "accuracy") & frame["real"]]
    best = accuracies.sort_values(["value", "run"], ascending=[False, True]).head(_BEST)
    return [
        {"run": row.run, "model": row.model, "accuracy": f"{row.value:.2f} % [{row.low:.2f}, {row.high:.2f}]"}
        for row in best.itertuples()
    ]


def write_readme(readme: Path, told: Sequence[Story], forest: str) -> bool:
    """Write the verdicts between the marks of a README; whether it changed.

    Args:
        readme: The file; left alone where it is missing or has no marks.
        told: From :func:`stories`.
        forest: Address of the forest plot as seen from the README.
    """
    old = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    if not all(mark in old for mark in _MARKS):
        return False
    before, _, rest = old.partition(_MARKS[0])
    after = rest.partition(_MARKS[1])[2]
    new = f"{before}{_MARKS[0]}\n{_readme_part(told, forest)}\n{_MARKS[1]}{after}"
    if new != old:
        readme.write_text(new, encoding="utf-8")
    return new != old


def _readme_part(told: Sequence[Story], forest: str) -> str:
    rows = [
        "| paper | its headline | printed | ours | headline | all claims |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for story in told:
        main = story.headline
        cells = (
            f"**[Re]** {story.paper.title} ({story.byline})",
            main.claim.says,
            main.claim.test.printed,
            main.ours or "not recorded yet",
            main.word,
            words(story.counted),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return f"![Printed accuracies of five papers beside ours]({forest})\n\n" + "\n".join(rows)


def words(counts: Mapping[str, int]) -> str:
    """Counted verdicts as words: "2 holds, 1 undecided"."""
    return ", ".join(f"{number} {word}" for word, number in counts.items())
