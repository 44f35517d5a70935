"""The tables and plots of docs/experiments.md, from what tools/experiments/experiments.py has kept.

The text between the two comments that name this script in docs/experiments.md is replaced. Every number comes
from the CSV files and runs.json; a run that is not finished is named as such, or left out.
"""
import csv
import json
import math
import statistics
import textwrap

import experiments_chart as chart

BEGIN = "<!-- begin: made by tools/experiments/experiments.py report -->"
END = "<!-- end: made by tools/experiments/experiments.py report -->"


# ---- what is kept --------------------------------------------------------------------------------

class Experiment:
    def __init__(self, results, name):
        self.name, self.folder = name, results / name
        path = self.folder / "runs.json"
        self.runs = json.loads(path.read_text()) if path.exists() else {}
        for run_name, run in self.runs.items():
            run["metrics"] = self.columns(run_name)
            run["diagnosis"] = self.columns(f"{run_name}-diagnose")

    def columns(self, name):
        """{column: values}, of texts where they are no numbers; empty without the file."""
        path = self.folder / f"{name}.csv"
        if not path.exists():
            return {}
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return {key: [number(row[key]) for row in rows] for key in (rows[0] if rows else ())}

    def of(self, variant, state="done"):
        return [r for r in self.runs.values() if r["variant"] == variant and r["state"] == state]


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def percent(share):
    return f"{100.0 * share:.2f}"


def mean_and_spread(values):
    if len(values) < 2:
        return f"{values[0]:.2f}"
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values):.2f}"


def progress(run):
    if run["state"] == "done":
        return str(run["epochs"])
    return f"{run['epochs']} so far" if run["state"] != "failed" else f"{run['epochs']}, diverged"


def image(path, text):
    return f"![{text}](../tests/results/experiments/{path})"


# ---- CIFAR-10 ------------------------------------------------------------------------------------

REPORTED_TEST = 80.45  # %

def label(name, run):
    return f"`{name}`" + (f", {run['variant']}" if run["variant"] != name else "")


def cifar10(results):
    shown = [(name, run) for name in ("cifar10", "cifar10_best")
             for run in Experiment(results, name).runs.values() if run["epochs"] > 0]
    if not shown:
        return []
    rows, lines = [], []
    for (name, run), colour in zip(shown, chart.COLOURS):
        m = run["metrics"]
        test = f"{run['test']['top1']:.2f}" if run["state"] == "done" and "test" in run else "-"
        rows.append((label(name, run), run["seed"], progress(run), percent(m["train_top1"][-1]),
                     percent(m["val_top1"][-1]), percent(max(m["val_top1"])), test,
                     f"{run['train_seconds'] / 60:.0f}"))
        for column, text, dashed in (("train_top1", "training", True),
                                     ("val_top1", "validation", False)):
            lines.append(chart.Line(f"{label(name, run).replace('`', '')}, {text}", m["epoch"],
                                    [100.0 * v for v in m[column]], colour, dashed))
    chart.write(results / "cifar10.svg", lines, "epoch", "accuracy, %")
    parts = [table(("config", "seed", "epochs", "training top-1, %", "validation top-1, %",
                    "the best", "test top-1, %", "minutes"), rows),
             image("cifar10.svg", "Accuracy on CIFAR-10 by epoch")]
    return ["**CIFAR-10**: `cifar10` is a public reproduction that reports 82.88 % training, "
            "79.29 % validation and 80.45 % test accuracy after 49 epochs, without its filter "
            "counts and dropout rate; `cifar10_best` is our recipe. The test accuracy is that of the best epoch on "
            "the validation images. Minutes are of training alone, on a machine that others used "
            "too."] + parts + rate_step(shown[0]) + ten_epochs(results)


def rate_step(shown):
    name, run = shown
    accuracy = run["metrics"]["train_top1"]
    if name != "cifar10" or len(accuracy) < 31:
        return []
    parts = ["The rate falls to a tenth after epoch 30: training accuracy goes from "
             f"{percent(accuracy[29])} to {percent(accuracy[30])} % within an epoch (reported: "
             "76.53 to 79.73)."]
    missing = REPORTED_TEST - run["test"]["top1"] if "test" in run else 0.0
    if missing > 0.0:
        parts.append("The curve and the jump are those reported; the test accuracy stays "
                     f"{missing:.2f} points below, where the standard error of 10,000 images is "
                     "0.4. What the source does not say (filters, dropout rate, padding) may be "
                     "the rest.")
    return [" ".join(parts)]


def ten_epochs(results):
    whole = list(Experiment(results, "cifar10").runs.values())
    seeds = list(Experiment(results, "cifar10-seeds").runs.values())
    runs = [r for r in whole[:1] + seeds if r["epochs"] >= 10]
    if len(runs) < 3:
        return []
    at10 = [100.0 * run["metrics"]["val_top1"][9] for run in runs]
    return [f"Three seeds of `cifar10` for ten epochs: {mean_and_spread(at10)} % validation "
            f"accuracy ({', '.join(f'{v:.2f}' for v in at10)})."]


# ---- ReLU and tanh -------------------------------------------------------------------------------

def epochs_to(metrics, accuracy):
    """Epochs until the training accuracy of an epoch reaches `accuracy`, on the straight line
    between the two epochs around it; None if it never does."""
    before = 0.0
    for epoch, value in zip(metrics["epoch"], metrics["train_top1"]):
        if value >= accuracy:
            return epoch - (value - accuracy) / (value - before)
        before = value
    return None


def relu_tanh(results):
    experiment = Experiment(results, "relu-tanh")
    runs = sorted(experiment.runs.values(), key=lambda r: (r["variant"], r["rate"]))
    if not runs:
        return []
    searched = min((r["epochs"] for r in runs if r["state"] != "failed"), default=0)
    rows, lines, reached = [], [], {}
    longest = {}
    for run in sorted(runs, key=lambda r: r["epochs"]):
        if run["metrics"]:
            longest[run["variant"]] = run
    for run in runs:
        losses = run["metrics"].get("train_loss", [])
        epochs = epochs_to(run["metrics"], 0.75) if losses else None
        if epochs is not None:
            reached[run["variant"]] = epochs
        rows.append((run["variant"], f"{run['rate']:g}",
                     f"{losses[searched - 1]:.3f}" if len(losses) >= searched > 0 else
                     "diverged" if run["state"] == "failed" else "-", progress(run),
                     f"{epochs:.1f}" if epochs is not None else "-"))
    for (variant, run), colour in zip(longest.items(), chart.COLOURS):
        lines.append(chart.Line(f"{variant}, rate {run['rate']:g}", run["metrics"]["epoch"],
                                [100.0 * (1.0 - v) for v in run["metrics"]["train_top1"]], colour))
    chart.write(results / "relu-tanh.svg", lines, "epoch", "training error, %", mark=25.0)
    parts = ["**ReLU against tanh**: four layers (`four-layer`) on all 50,000 training images, "
             f"without dropout, decay or augmentation. Each rate ran {searched} epochs; the one "
             "with the lowest training loss went on to 25 % training error, measured while "
             "training.",
             table(("activation", "rate", f"training loss after {searched} epochs", "epochs",
                    "epochs to 25 % error"), rows),
             image("relu-tanh.svg", "Training error of ReLU and tanh by epoch")]
    if {"ReLU", "tanh"} <= set(reached):
        ratio = reached["tanh"] / reached["ReLU"]
        parts.append(f"tanh needs {ratio:.1f} times the epochs of ReLU. The paper has 6, with a "
                     "network that it does not describe, and says that the effect varies with the "
                     "architecture" + (": on this one it does not show." if ratio < 1.5 else "."))
    return parts


# ---- ablations -----------------------------------------------------------------------------------

PUBLISHED = {  # points of top-1 error where it is left out
    "no LRN": "+1.4", "pools 2/2": "+0.4", "no dropout": "more", "no colour shifts": "more than +1",
    "no crops and mirrors": "more", "one tower of half the maps": "+1.7",
}
# Student's t by degrees of freedom; between two of them the smaller counts, on the safe side.
T_95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 6: 2.447, 8: 2.306, 10: 2.228, 12: 2.179,
        14: 2.145}


def t_95(freedom):
    return T_95[max(n for n in T_95 if n <= freedom)]


def last_errors(runs, column):
    return [100.0 * (1.0 - run["metrics"][column][-1]) for run in runs]


def ablations(results):
    experiment = Experiment(results, "ablations")
    runs = {variant: experiment.of(variant) for variant in ("all of it", *PUBLISHED)}
    seeds = max(map(len, runs.values()))
    errors = {v: last_errors(r, "val_top1") for v, r in runs.items() if len(r) == seeds > 1}
    if len(errors) < 2 or "all of it" not in errors:
        return []
    whole = runs["all of it"][0]
    base = errors.pop("all of it")
    groups = [base, *errors.values()]
    deviation = math.sqrt(statistics.mean(map(statistics.variance, groups)))
    noise = t_95((seeds - 1) * len(groups)) * deviation * math.sqrt(2.0 / seeds)
    training = {v: statistics.mean(last_errors(r, "train_top1")) for v, r in runs.items() if r}
    rows = [("nothing", f"{training['all of it']:.2f}", mean_and_spread(base), "", "", "")]
    for variant, values in errors.items():
        change = statistics.mean(values) - statistics.mean(base)
        verdict = ("within noise" if abs(change) < noise else
                   "as published" if change > 0.0 else "the other way")
        rows.append((variant, f"{training[variant]:.2f}", mean_and_spread(values), f"{change:+.2f}",
                     PUBLISHED[variant], verdict))
    gaps = [v for v in PUBLISHED if v not in errors]
    missing = f" Not finished: {', '.join(gaps)}." if gaps else ""
    return ["**Ablations**, shortened to what two cores can do: `cifar10_small`, the first "
            f"{whole['images_per_class']} training images of each class, {whole['epochs']} epochs, "
            "error on the 10,000 test images after the last epoch, mean and deviation of "
            f"{seeds} seeds. A difference of two such means is "
            f"noise below {noise:.2f} points (95 %, from the deviations of all variants "
            f"together).{missing}",
            table(("left out", "training error, %", "test error, %", "points", "published",
                   "sign"), rows),
            "The training error is that of the epoch as it was trained, with dropout and changed "
            "images where the variant has them, and cannot be compared across rows that differ in "
            "these. Dropout and augmentation slow training before they pay off. So few epochs do "
            "not show the benefit: this experiment says nothing about overfitting."]


# ---- gradient by depth ---------------------------------------------------------------------------

LARGEST_DERIVATIVE = 0.25  # of the sigmoid


def first_gradients(run):
    d = run["diagnosis"]
    return {layer: g for layer, g, epoch in zip(d["layer"], d["output_grad_norm"], d["epoch"])
            if epoch == 1.0}


def depth(results):
    experiment = Experiment(results, "depth")
    runs = {v: experiment.of(v)[0] for v in ("sigmoid", "tanh", "ReLU") if experiment.of(v)}
    if len(runs) < 3:
        return []
    gradients = {variant: first_gradients(run) for variant, run in runs.items()}
    layers = list(gradients["sigmoid"])
    rows, sigmoid = [], gradients["sigmoid"]
    for layer, above in zip(layers, layers[1:] + [None]):
        rows.append((layer, *(f"{gradients[v][layer]:.2g}" for v in gradients),
                     f"{sigmoid[layer] / sigmoid[above]:.2f}" if above else ""))
    numbers = list(range(1, len(layers) + 1))
    lines = [chart.Line(variant, numbers, [g[layer] for layer in layers], colour)
             for (variant, g), colour in zip(gradients.items(), chart.COLOURS)]
    last = len(layers) - 1  # the last layer with a sigmoid
    lines.append(chart.Line("0.25 per layer", numbers[:last],
                            [sigmoid[layers[last - 1]] * LARGEST_DERIVATIVE ** (last - n)
                             for n in numbers[:last]], chart.COLOURS[0], dashed=True))
    chart.write(results / "depth.svg", lines, "layer", "gradient of the outputs, L2 norm", log=True)
    inner = layers[:last]
    share = (sigmoid[inner[0]] / sigmoid[inner[-1]]) ** (1.0 / (len(inner) - 1))
    accuracy = ", ".join(f"{v} {percent(r['metrics']['train_top1'][-1])} %"
                         for v, r in runs.items())
    return ["**Vanishing gradients**: ten fully connected layers (`chain`), the same initial "
            "weights of deviation 1/sqrt(fan-in) under each activation; norm of the gradient of "
            "what each layer gives to its activation function, over the batch of the first epoch's "
            "last update (`output_grad_norm` of `train --diagnose`).",
            table(("layer", *gradients, "sigmoid, to the layer above"), rows),
            image("depth.svg", "Gradient by layer for sigmoid, tanh and ReLU"),
            f"From {inner[-1]} down to {inner[0]} a sigmoid leaves {share:.2f} of the gradient per "
            "layer (the bound for weights that neither lengthen nor shorten: 0.25). Training "
            f"accuracy after {runs['sigmoid']['epochs']} epochs: {accuracy}."]


# ---- the page ------------------------------------------------------------------------------------

def wrapped(part):
    return part if part.startswith(("|", "!")) else textwrap.fill(
        part, 118, break_long_words=False, break_on_hyphens=False)


def write(results, page):
    results.mkdir(parents=True, exist_ok=True)
    sections = (cifar10, relu_tanh, ablations, depth)
    parts = [wrapped(part) for section in sections for part in section(results)]
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{page}: no lines '{BEGIN}' and '{END}'")
    page.write_text(before + "\n\n".join([BEGIN, *parts, END]) + after, encoding="utf-8")
