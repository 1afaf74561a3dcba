"""The ``ferstudy`` command: a thin door to the library. With ``reports``, the only module that prints."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ferstudy.errors import FerstudyError

if TYPE_CHECKING:
    from ferstudy.recipes import Recipe
    from ferstudy.runs import Run
    from ferstudy.training import EpochStats
    from ferstudy.workers import Workers

# A time budget counts from here, for loading torch takes seconds of it.
_STARTED = time.monotonic()

app = typer.Typer(
    name="ferstudy",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Facial expression recognition, reproducibly: models, datasets, training, prediction and the papers' reports.",
    epilog="Start with: ferstudy predict photo.jpg, ferstudy data, or ferstudy train lite_xception.synthetic.lesson",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Data = Annotated[
    str | None, typer.Option("--data", metavar="FOLDER", help="Where the datasets are; else $FERSTUDY_DATA.")
]
RunFolders = (Path("runs"), Path("reports/runs"))
_INTERRUPTED = "ferstudy: interrupted; an unfinished run continues when started again"


def _print_rows(rows: list[dict[str, Any]], as_json: bool, columns: list[str]) -> None:
    if as_json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for column in columns:
        # Names are for copying: they stay on one line.
        table.add_column(column, overflow="fold", no_wrap=column == "name")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    # Output that goes to a file or another program is not folded at a terminal's width.
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,}" if isinstance(value, int) else f"{value:,g}"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


@app.command()
def models(pattern: Annotated[str, typer.Argument(help="Shell pattern.")] = "*", as_json: Json = False) -> None:
    """List the networks, with our parameter count beside the paper's."""
    from ferstudy.models.declarations import declared_models

    rows = declared_models(pattern)
    _print_rows(rows, as_json, ["name", "paper", "parameters", "published_parameters", "input_size"])


def _dataset_rows(root: str | None) -> list[dict[str, Any]]:
    from ferstudy.data import dataset_info, find_root, list_datasets

    rows = []
    for name in list_datasets():
        info = dataset_info(name)
        place = find_root(name, root)
        rows.append(
            {
                "name": name,
                "classes": list(info.classes),
                "splits": list(info.splits),
                "images": info.images,
                "found": place is not None or name == "synthetic",
                "root": str(place) if place else None,
                "licence": info.licence,
                "how_to_get": info.how_to_get,
            }
        )
    return rows


@app.command()
def datasets(as_json: Json = False, data: Data = None) -> None:
    """List the datasets, and which are on this machine."""
    _print_rows(_dataset_rows(data), as_json, ["name", "images", "splits", "found", "root", "licence"])


data_app = typer.Typer(help="What is found where, and what is wrong with it.")
app.add_typer(data_app, name="data")


@data_app.callback(invoke_without_command=True)
def data_command(context: typer.Context, as_json: Json = False, data: Data = None) -> None:
    """Say where each dataset is, count what is there, and how to get what is missing."""
    if context.invoked_subcommand:
        return
    rows = _dataset_rows(data)
    problems = [error for row in rows if row["root"] and (error := _count(row))]
    if as_json:
        _print_rows(rows, True, [])
    else:
        for row in rows:
            _print_counts(row)
    if problems:
        raise problems[0]


def _count(row: dict[str, Any]) -> FerstudyError | None:
    """Load a dataset that was found and add its counts to its row; what is wrong where it cannot be loaded."""
    from ferstudy.data import load_dataset

    try:
        loaded = load_dataset(row["name"], root=row["root"])
    except FerstudyError as error:
        row["problem"] = str(error)
        return error
    row["layout"] = loaded.layout
    row["fingerprint"] = loaded.fingerprint
    row["warnings"] = list(loaded.warnings)
    row["counts"] = {
        split: dict(zip(loaded.classes, counts.tolist(), strict=True))
        for split, counts in zip(loaded.splits, loaded.counts(), strict=True)
        if counts.any()
    }
    return None


def _print_counts(row: dict[str, Any]) -> None:
    print(f"{row['name']}: {row['images']:,} images; licence: {row['licence']}")
    if row["root"] is None:
        print(f"  {'made on demand' if row['found'] else 'not found'}; {row['how_to_get']}")
    elif "problem" in row:
        print(f"  found in {row['root']} and not usable: {row['problem']}")
    else:
        print(f"  found in {row['root']} as {row['layout']}, fingerprint {row['fingerprint']}")
        for split, counts in row["counts"].items():
            print(f"  {split:12s} {sum(counts.values()):7,}  " + "  ".join(f"{c} {n:,}" for c, n in counts.items()))
        for warning in row["warnings"] or ["as its owners describe it"]:
            print(f"  {warning}")


DatasetName = Annotated[str, typer.Argument(metavar="NAME", help="Name from `ferstudy datasets`.")]


@data_app.command("check")
def check_data(
    name: DatasetName,
    data: Data = None,
    record_it: Annotated[bool, typer.Option("--record", help="Keep the findings for the reports.")] = False,
    into: Annotated[Path, typer.Option(help="Folder of recorded audits.")] = Path("reports/audits"),
    as_json: Json = False,
) -> None:
    """Load a dataset, compare its counts, look for copies, leaks and blank images, and try the protocols on it.

    Exit code 2 if it cannot be used; what is merely doubtful is listed, and which protocols this form cannot serve.
    """
    from ferstudy.audit import audit, find_votes, sentences, write_audit
    from ferstudy.data import load_dataset
    from ferstudy.data.serving import services, summary

    faces = load_dataset(name, root=data)
    found = audit(faces, find_votes(name, data))
    path = write_audit(found, into) if record_it else None
    protocols = services(name, data)
    if as_json:
        told = {"sentences": sentences(found), "protocols": [asdict(service) for service in protocols]}
        print(json.dumps({**found, **told}, indent=1, ensure_ascii=False))
        return
    splits = ", ".join(f"{split} {sum(counts.values()):,}" for split, counts in found["counts"].items())
    print(f"{name} as {found['layout']}: {found['images']:,} images ({splits}), fingerprint {found['fingerprint']}")
    for sentence in sentences(found) or ["nothing to remark"]:
        print(f"  {sentence}")
    for sentence in summary(name, protocols):
        print(f"  {sentence}")
    if path:
        print(f"recorded {path}")


@data_app.command("sample")
def sample_data(
    name: DatasetName,
    out: Annotated[Path, typer.Option(help="Picture to write: .png, .svg or .pdf.")] = Path("sheet.png"),
    split: Annotated[str | None, typer.Option(help="Only this split.")] = None,
    n: Annotated[int, typer.Option("--n", min=1, max=20, help="Faces a class.")] = 8,
    data: Data = None,
) -> None:
    """Write a sheet of a dataset's first faces, a row a class."""
    from ferstudy import figures
    from ferstudy.data import load_dataset

    if out.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise FerstudyError(f"{out}: expected a picture's name that ends in .png, .svg or .pdf")
    faces = load_dataset(name, root=data, split=split)
    title = f"{name}, {split or 'all splits'}" + ("" if faces.real else " (stand-in: synthetic faces)")
    sheet = figures.sample_sheet(faces.images, faces.labels, faces.classes, columns=n, title=title)
    temporary = out.with_name(f".{out.stem}.tmp{out.suffix}")
    try:
        sheet.savefig(temporary)
        os.replace(temporary, out)
    except OSError as error:
        raise FerstudyError(f"cannot write {out} ({error.strerror}); choose another --out") from error
    print(out)


@app.command()
def recipes(as_json: Json = False) -> None:
    """List the papers' recipes that can be trained."""
    from ferstudy.papers import list_recipes

    rows = [recipe.to_dict() for recipe in list_recipes()]
    _print_rows(rows, as_json, ["name", "dataset", "protocol", "epochs"])


runs_app = typer.Typer(help="The finished runs, and runs from elsewhere.")
app.add_typer(runs_app, name="runs")


@runs_app.callback(invoke_without_command=True)
def runs_command(
    context: typer.Context,
    folder: Annotated[list[Path] | None, typer.Option("--runs", help="Folders to look in.")] = None,
    as_json: Json = False,
) -> None:
    """List the finished runs, shipped ones included."""
    if context.invoked_subcommand:
        return
    rows = []
    for run in _all_runs(folder):
        row: dict[str, Any] = {"name": run.name, "folder": str(run.folder), **run.status, "metrics": run.metrics}
        for split in ("PublicTest", "PrivateTest"):
            single = run.metrics.get(f"{split}.single")
            row[f"{split} %"] = round(100 * single["accuracy"], 2) if single else None
        row["dataset"] = run.status["dataset"]["name"]
        row["device"] = run.status["device"]["type"]
        rows.append(row)
    columns = ["name", "dataset", "PublicTest %", "PrivateTest %", "epochs", "seconds_per_epoch", "device", "date"]
    _print_rows(rows, as_json, columns)


@runs_app.command("import")
def import_runs(
    archive: Annotated[Path, typer.Argument(help="File that `ferstudy train --archive` wrote.")],
    into: Annotated[Path, typer.Option(help="Folder that gets the runs.")] = Path("runs"),
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite other runs of the same names.")] = False,
    as_json: Json = False,
) -> None:
    """Check an archive and take its runs in: all or, where anything is wrong, none.

    Finished runs are listed as others are; `ferstudy train` continues unfinished ones.
    """
    from ferstudy.archive import take_in

    rows = [run._asdict() for run in take_in(archive, into, replace)]
    _print_rows(rows, as_json, ["name", "state", "outcome"])


def _all_runs(folders: list[Path] | None = None) -> list[Run]:
    from ferstudy.pretrained import list_pretrained
    from ferstudy.runs import list_runs

    found = {run.name: run for run in list_pretrained()}
    return list({**found, **{run.name: run for run in list_runs(*(folders or RunFolders))}}.values())


def _with_weights(name: str) -> Run:
    """A run by name or folder, preferring the place that has its weights."""
    from ferstudy.errors import unknown
    from ferstudy.pretrained import list_pretrained
    from ferstudy.runs import WEIGHTS, list_runs, load_run

    if (Path(name) / "status.json").is_file():
        return load_run(Path(name))
    found = [run for run in (*list_runs(Path("runs")), *list_pretrained()) if (run.folder / WEIGHTS).is_file()]
    for run in found:
        if run.name == name:
            return run
    raise unknown("run with weights", name, [run.name for run in found])


@app.command()
def record(
    run: Annotated[list[str], typer.Argument(help="Names (in ./runs) or folders of finished runs on real data.")],
    into: Annotated[Path, typer.Option(help="Folder of recorded runs.")] = Path("reports/runs"),
    ship: Annotated[bool, typer.Option("--ship", help="Put the weights into the package, too.")] = False,
    data: Data = None,
) -> None:
    """Keep runs for the reports: history, predictions, and where they look on average.

    The average faces and Grad-CAM maps of each class need the weights and the data. Of a run that is recorded already
    and whose weights ship with the package, they are added.
    """
    for name in run:
        _record(name, into, ship, data)


def _record(name: str, into: Path, ship: bool, root: str | None) -> None:
    from ferstudy.attention import FILE, average_attention, can_average, write_attention
    from ferstudy.pretrained import FOLDER, list_pretrained
    from ferstudy.runs import get_run, list_runs
    from ferstudy.runs import record as record_run
    from ferstudy.training import load_data

    trained = {run.name for run in list_runs(Path("runs"))}
    shipped = {run.name: run for run in list_pretrained()}
    again = name in shipped and name not in trained and (into / name / "status.json").is_file()
    chosen = get_run(name, into if again else Path("runs"))
    holder = shipped[name] if again else chosen

    def complete(folder: Path) -> None:
        if can_average(chosen):
            found = average_attention(chosen, holder.load_model(), load_data(chosen.recipe, root))
            write_attention(found, folder / FILE)

    print(f"recorded {record_run(chosen, into, complete=complete).folder}")
    if ship:
        from ferstudy.onnx_export import export_onnx
        from ferstudy.vision.networks import ONNX

        def without_torch(folder: Path) -> None:
            export_onnx(chosen, folder / ONNX)

        print(f"shipped {record_run(chosen, FOLDER, shipped=True, complete=without_torch).folder}")


def _recipe(name: str) -> Recipe:
    """A recipe by name, or from a file."""
    from ferstudy.papers import get_recipe
    from ferstudy.recipes import from_yaml

    if not name.endswith((".yaml", ".yml")):
        return get_recipe(name)
    try:
        return from_yaml(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FerstudyError(f"{name}: not a readable recipe file ({error})") from error


@app.command()
def train(
    recipe: Annotated[
        list[str],
        typer.Argument(
            metavar="RECIPE...",
            help="Names from `ferstudy recipes`, recipe.yaml files, or MODEL.DATASET for a first try; "
            "of several the most valuable first.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder that gets the runs.")] = Path("runs"),
    data: Data = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the recipe's.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Another number of epochs.")] = None,
    init: Annotated[str | None, typer.Option(help="Start from this run's weights, or from `imagenet`.")] = None,
    images: Annotated[int | None, typer.Option(help="A trial on at most so many images of each split.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Another value, as optimizer.lr=0.01.")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew instead of continuing.")] = False,
    budget: Annotated[
        str | None, typer.Option("--time-budget", metavar="TIME", help="End before so long, as 90s, 9m or 1.5h.")
    ] = None,
    archive: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Pack the runs, finished or not, into this .zip at the end.")
    ] = None,
    limit: Annotated[float, typer.Option(metavar="MIB", help="Largest weights that the archive takes.")] = 16,
) -> None:
    """Train recipes, one after the other; called again after an interruption or the end of its time, it continues."""
    from ferstudy.session import packing_seconds, parse_duration, train_in_turn

    given = {"seed": seed, "epochs": epochs, "init": init, "images": images}
    changes = {key: value for key, value in given.items() if value is not None}
    chosen = [_recipe(name).with_settings(settings or ()).but(**changes) for name in recipe]
    deadline = math.inf
    if budget is not None:
        seconds = parse_duration(budget)
        deadline = _STARTED + seconds - packing_seconds(seconds, len(chosen))
    with _packing(archive, out, lambda: [recipe.run_name for recipe in chosen], limit):
        with _Progress() as progress:
            outcomes = train_in_turn(
                chosen,
                root=data,
                out=out,
                deadline=deadline,
                restart=restart,
                sheets=archive is not None,
                on_begin=progress.begin,
                on_epoch=progress.show,
                on_end=progress.end,
            )
        for outcome in outcomes:
            print(outcome)
            if outcome.run is not None:
                status = outcome.run.status
                print(f"  {outcome.run.folder}: epoch {status['selected_epoch']} of {status['epochs']} was selected")
                for key, values in outcome.run.metrics.items():
                    print(f"  {key:24s} {_accuracy(values)}")
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    if failed:
        alone = len(outcomes) == 1
        raise FerstudyError("; ".join(outcome.note if alone else str(outcome) for outcome in failed))


@contextlib.contextmanager
def _packing(archive: Path | None, out: Path, names: Callable[[], list[str]], limit: float) -> Iterator[None]:
    """Pack runs when what trains them ends, however it ends; an interruption is told in one line."""
    from ferstudy.archive import check_target, pack

    if archive is not None:
        check_target(archive)
    try:
        yield
    except KeyboardInterrupt as stop:
        print(_INTERRUPTED, file=sys.stderr)
        raise typer.Exit(130) from stop
    finally:
        if archive is not None:
            packed = pack(archive, out, names(), round(limit * 2**20))
            print(f"packed {len(packed)} runs into {archive}")
            for run in packed:
                for sentence in run.left_out:
                    print(f"  {run.name}: left out: {sentence}")


class _Progress:
    """A bar of epochs for the recipe that is being trained."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self, recipe: Recipe) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=recipe.epochs, unit="epoch", desc=recipe.run_name)

    def show(self, row: EpochStats, recipe: Recipe) -> None:
        self._bar.n = row.epoch
        self._bar.set_description_str(f"{recipe.run_name} fold {row.fold}" if row.fold > 1 else recipe.run_name)
        chosen = "" if math.isnan(row.select_accuracy) else f", selection {100 * row.select_accuracy:.2f} %"
        self._bar.set_postfix_str(f"loss {row.train_loss:.3f}{chosen}")

    def end(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def _accuracy(values: dict[str, Any]) -> str:
    low, high = values["interval"]
    return (
        f"{100 * values['accuracy']:.2f} % [{100 * low:.2f}, {100 * high:.2f}] of {values['images']:,}, "
        f"macro F1 {values['macro_f1']:.3f}"
    )


studies_app = typer.Typer(help="The papers' studies: how far they are, and what trains the rest.")
app.add_typer(studies_app, name="studies")


@studies_app.callback(invoke_without_command=True)
def studies_command(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder of runs that are not recorded yet.")] = Path("runs"),
    as_json: Json = False,
) -> None:
    """List the studies: their runs, how many there are already, and what the rest would take on this machine.

    Hours are of one core (or of the GPU, where there is one), estimated from the networks' multiply-adds and a rate
    that is measured in two seconds. No data is needed.
    """
    if context.invoked_subcommand:
        return
    from ferstudy.inference import default_device
    from ferstudy.papers import get_paper, list_papers
    from ferstudy.studies.cost import measured_rate
    from ferstudy.studies.state import study_rows

    studies = {key: get_paper(key).studies for key in list_papers()}
    rows = study_rows(studies, out, RunFolders[1:], measured_rate())
    hours = f"{'GPU' if default_device().type == 'cuda' else 'core'}-hours left"
    if not as_json:
        for row in rows:
            row["recorded"] = f"{row['recorded']} of {row['runs']}"
            row[hours] = None if row["hours_left"] is None else round(row["hours_left"], 1)
    _print_rows(rows, as_json, ["name", "paper", "entries", "arms", "seeds", "recorded", hours, "command"])


@studies_app.command("run")
def run_studies(
    name: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Names from `ferstudy studies`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All studies.")] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Runs at a time; where not given one on a GPU, else as many as there are cores."),
    ] = None,
    budget: Annotated[
        str | None, typer.Option("--time-budget", metavar="TIME", help="End before so long, as 90s, 9m or 1.5h.")
    ] = None,
    archive: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Pack the runs, finished or not, into this .zip at the end.")
    ] = None,
    limit: Annotated[float, typer.Option(metavar="MIB", help="Largest weights that the archive takes.")] = 16,
    data: Data = None,
    out: Annotated[Path, typer.Option(help="Folder that gets the runs.")] = Path("runs"),
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Train on a Ray cluster: local starts one here, else auto or HOST:PORT; all its machines share --out.",
        ),
    ] = None,
) -> None:
    """Train what studies lack, in order of value, each run in a process of its own with one thread.

    What is recorded, or finished in --out, is passed over; what was begun continues. A run whose process dies is
    started again; one that fails does not stop the others. Called again, it goes on.
    """
    from ferstudy.papers import get_study, list_studies
    from ferstudy.progress import QueueProgress
    from ferstudy.scheduler import work_off
    from ferstudy.session import Job, packing_seconds, parse_duration
    from ferstudy.studies.cost import measured_rate
    from ferstudy.studies.state import finished_runs, missing, multiply_adds_left
    from ferstudy.workers import Processes

    if bool(name) == every:
        raise FerstudyError("studies run: expected names from `ferstudy studies`, or --all")
    if ray is not None and jobs is not None:
        raise FerstudyError("studies run: --ray takes as many runs at a time as its machines have cores or GPUs; "
                            "leave --jobs out")  # fmt: skip
    chosen = list_studies() if every else [get_study(n) for n in dict.fromkeys(name or ())]
    recorded, deadline = RunFolders[1:], math.inf
    if budget is not None:
        seconds = parse_duration(budget)
        deadline = _STARTED + seconds - packing_seconds(seconds, sum(study.count for study in chosen))

    def planned() -> list[str]:
        finished = finished_runs(chosen, out, *recorded)
        return list(dict.fromkeys(arm.recipe.run_name for study in chosen for arm in study.planned(finished)))

    with _packing(archive, out, planned, limit):
        if ray is None:
            workers: Workers = Processes(jobs)
        else:
            from ferstudy.ray_workers import RayWorkers

            workers = RayWorkers(ray)
        rate = measured_rate() * max(1, workers.slots())
        with QueueProgress(lambda recipe, epochs: multiply_adds_left(recipe, out, epochs), rate) as progress:
            outcomes = work_off(
                lambda: missing(chosen, out, recorded),
                lambda recipe: Job(recipe, out, data, deadline, sheet=archive is not None),
                workers,
                on_plan=progress.plan,
                on_begin=progress.begin,
                on_epoch=progress.epoch,
                on_end=progress.end,
            )
        states = [outcome.state for outcome in outcomes.values()]
        said = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        print(said or "nothing is missing")
    failed = [outcome for outcome in outcomes.values() if outcome.state == "failed"]
    if failed:
        raise FerstudyError("; ".join(map(str, failed)))


@app.command()
def evaluate(
    run: Annotated[str, typer.Argument(help="Name or folder of a run with weights.")],
    split: Annotated[str, typer.Option(help="Split to score.")] = "PrivateTest",
    dataset: Annotated[str | None, typer.Option(help="Another dataset than the run's.")] = None,
    tta: Annotated[str, typer.Option(help="single, flip, ten_crop, random or eleven.")] = "single",
    data: Data = None,
    record_it: Annotated[
        bool, typer.Option("--record", help="Add these views to the predictions of the recorded run of this name.")
    ] = False,
    into: Annotated[Path, typer.Option(help="Folder of recorded runs.")] = Path("reports/runs"),
    as_json: Json = False,
) -> None:
    """Score a run's weights on a split."""
    from ferstudy.data import load_dataset
    from ferstudy.scoring import evaluate as run_evaluation

    chosen = _with_weights(run)
    if record_it:
        _record_views(chosen, into, tta, dataset, data)
    faces = load_dataset(dataset or chosen.recipe.dataset, root=data, split=split)
    metrics = run_evaluation(chosen, faces, tta=tta).to_dict()
    if as_json:
        print(json.dumps({"run": chosen.name, "dataset": faces.name, "split": split, "tta": tta, **metrics}, indent=1))
        return
    print(f"{chosen.name} on {faces.name} {split}, {tta}: {_accuracy(metrics)}")
    for name, precision, recall, f1, n in zip(
        faces.classes, metrics["precision"], metrics["recall"], metrics["f1"], metrics["support"], strict=True
    ):
        print(f"  {name:10s} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}  ({n:,} images)")


def _record_views(chosen: Run, into: Path, tta: str, dataset: str | None, root: str | None) -> None:
    """Keep further views of a run in the recorded one of its name, which has no weights."""
    from ferstudy.runs import get_run
    from ferstudy.scoring import record_views
    from ferstudy.training import load_data

    if dataset is not None:
        raise FerstudyError("--record keeps views of the run's own dataset; leave --dataset out")
    recorded = record_views(get_run(chosen.name, into), chosen.load_model(), load_data(chosen.recipe, root), tta)
    print(f"recorded {tta} in {recorded.folder}", file=sys.stderr)


@app.command()
def export(
    run: Annotated[str, typer.Argument(help="Name or folder of a run with weights.")],
    onnx: Annotated[Path, typer.Option(metavar="FILE", help="File to write, .onnx.")],
) -> None:
    """Write a run's network for programs without torch, and check that it gives the same logits."""
    from ferstudy.onnx_export import export_onnx

    gap = export_onnx(_with_weights(run), onnx)
    print(f"{onnx}: logits within {gap:.1g} of torch's; its metadata says how faces are prepared")


@app.command()
def predict(
    source: Annotated[str, typer.Argument(help="Image, folder, video file, or a camera's number.")],
    out: Annotated[Path, typer.Option(help="Folder for annotated output and faces.csv.")] = Path("predictions"),
    run: Annotated[str | None, typer.Option(help="Run whose weights to use; the shipped one where not given.")] = None,
    detector: Annotated[str, typer.Option(help="mtcnn or haar.")] = "mtcnn",
    recursive: Annotated[bool, typer.Option("--recursive", help="Look through the folders in a folder, too.")] = False,
    min_size: Annotated[
        int | None, typer.Option(metavar="PIXELS", help="Smallest face; by the picture's size where not given.")
    ] = None,
    min_confidence: Annotated[
        float, typer.Option(metavar="SHARE", help="Leave out faces whose expression is less probable, 0 to 1.")
    ] = 0.0,
    smooth: Annotated[
        int, typer.Option(metavar="FRAMES", help="Average a face's probabilities over so many frames of a film.")
    ] = 0,
    detect_every: Annotated[
        int, typer.Option(metavar="FRAMES", help="Search whole frames so often; in between, faces are followed.")
    ] = 1,
    show: Annotated[bool, typer.Option("--show", help="Show the frames in a window; close it to end.")] = False,
    frames: Annotated[int | None, typer.Option(help="Stop after so many frames (a camera never ends).")] = None,
    as_json: Json = False,
) -> None:
    """Find faces and say their expressions, on images, folders, videos or a camera."""
    from ferstudy.prediction import open_pipeline
    from ferstudy.pretrained import shipped_networks
    from ferstudy.vision.media import open_source
    from ferstudy.vision.progress import Progress
    from ferstudy.vision.stream import run as run_pipeline

    # Where the shipped networks suffice, torch is not loaded; a run of the same name in ./runs comes first.
    shipped = run is None or (run in shipped_networks() and not (Path("runs") / run / "status.json").is_file())
    pipeline = open_pipeline(run if run is None or shipped else _with_weights(run), detector, min_size)
    opened = open_source(source, recursive, leave_out=out)
    window = None
    if show:
        from ferstudy.vision.window import Window

        window = Window()
    progress = Progress(opened, frames, None if as_json else print, window)
    try:
        summary = run_pipeline(pipeline, opened, out, frames, smooth, detect_every, min_confidence, progress)
    finally:
        progress.close()
    if as_json:
        print(json.dumps({**summary.to_dict(), "found": progress.found}, indent=1))
        return
    for person in summary.people.values():
        print(person)
    print(summary)


@app.command()
def notebooks(
    into: Annotated[Path, typer.Argument(help="A folder that is empty or not there yet.")],
) -> None:
    """Copy the notebooks, the lessons and the recorded runs to a folder of yours."""
    from ferstudy.notebooks import copy_notebooks

    copied = copy_notebooks(into)
    print(f"{len(copied)} notebooks in {into / 'notebooks'}; open them with: jupyter lab {into / 'notebooks'}")


@app.command()
def reports(
    profile: Annotated[str, typer.Option(help="smoke, quick or paper.")] = "quick",
    only: Annotated[list[str] | None, typer.Option(help="Only this report or notebook; may be repeated.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Rebuild what has not changed, too.")] = False,
    data: Data = None,
    out: Annotated[Path, typer.Option(help="Folder of the reports.")] = Path("reports"),
    notebooks: Annotated[Path, typer.Option(help="Folder of the notebooks.")] = Path("notebooks"),
    recorded: Annotated[Path, typer.Option("--runs", help="Folder of recorded runs.")] = Path("reports/runs"),
    jobs: Annotated[int, typer.Option(help="How many reports are built at a time.")] = 1,
    times: Annotated[bool, typer.Option("--times", help="Show this machine's times on the pages, too.")] = False,
    check: Annotated[
        bool, typer.Option("--verify", help="Rebuild into a folder of its own and say what comes out otherwise.")
    ] = False,
) -> None:
    """Re-execute the papers' notebooks and rebuild the reports."""
    if check:
        _verify(only, notebooks=notebooks, out=out, profile=profile, data=data or "", runs=recorded, jobs=jobs)
        return
    from ferstudy.reports.runner import Result, build_all

    ended = itertools.count(1)

    def show(result: Result, of: int) -> None:
        said = f"{result.name}: {result.outcome} in {result.seconds:.1f} s" + (
            f": {result.error}" if result.error else ""
        )
        print(f"[{next(ended)}/{of}] {said}", flush=True)

    results = build_all(
        only,
        notebooks=notebooks,
        out=out,
        profile=profile,
        force=force,
        times=times,
        data=data or "",
        runs=recorded,
        jobs=jobs,
        on_result=show,
    )
    print(f"open {out / 'index.html'}")
    if any(result.outcome == "failed" for result in results):
        raise typer.Exit(1)


def _verify(only: list[str] | None, **options: Any) -> None:
    from ferstudy.reports.verification import verify

    verdicts = verify(only, on_verdict=lambda verdict: print(verdict, flush=True), **options)
    differing = sum(bool(verdict.differences) for verdict in verdicts)
    print(f"{len(verdicts) - differing} of {len(verdicts)} reports are identical, files of times aside")
    if differing:
        raise typer.Exit(1)


def main() -> None:
    """Run the command; mistakes of the user end with one line and exit code 2."""
    try:
        app()
    except FerstudyError as error:
        print(f"ferstudy: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(_INTERRUPTED, file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output (head, say) has left; Python must not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        print(f"ferstudy: cannot read or write{where}: {error.strerror or error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
