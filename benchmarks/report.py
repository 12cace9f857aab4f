"""Writes ``benchmarks/RESULTS.md`` from what pytest-benchmark saved: ``python -m benchmarks.report JSON``."""

import json
import platform
import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import torch

RESULTS = Path(__file__).with_name("RESULTS.md")
_PACKAGES = ["torch", "numba", "numpy", "pymoo", "pytorch-msssim"]


class Results:
    """Measured work by its name and side; times are the least of all rounds, the steadiest."""

    def __init__(self, saved: dict) -> None:
        self.entries: dict[str, dict[str, dict]] = defaultdict(dict)
        self.memory = []
        for benchmark in saved["benchmarks"]:
            entry = benchmark["extra_info"] | {"seconds": benchmark["stats"]["min"]}
            self.entries[entry["work"]][entry["side"]] = entry
            if entry["work"] == "memory":
                self.memory.append(entry)
        self.machine = self.entries["arithmetic"]["machine"]
        self.operations_per_second = self.machine["amount"] / self.machine["seconds"]
        self.processor = saved["machine_info"]["cpu"].get("brand_raw", platform.processor())

    def each(self, work: str, side: str) -> float:
        """Seconds for one mask, or for the work as a whole where it is one."""
        entry = self.entries[work][side]
        return entry["seconds"] / entry["amount"]


def report(results: Results) -> str:
    """The whole page."""
    parts = [_head(results), _evaluation(results), _loop(results), _display(results)]
    return "\n\n".join([*parts, _memory(results), _scaling(results), _others(results)]) + "\n"


def _head(results: Results) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    rate = results.operations_per_second / 1e9
    return f"""# Benchmark results

Made by `make bench`, all in one run; do not edit. {results.machine["problem"]}.

{results.processor}, {torch.get_num_threads()} threads, Python {platform.python_version()}, {versions}.
The machine sustains {rate:.0f} billion float32 multiply-adds a second, in registers on all threads."""


def _evaluation(results: Results) -> str:
    lines = []
    for work, masks, label in (
        ("values", 100, "F of 100 masks"),
        ("gradients", 10, "value and gradient of 10 masks"),
    ):
        ours, by_torch = results.each(work, "numba") * masks, results.each(work, "torch") * masks
        notebook = results.each(work, "notebook") * masks
        limit = results.machine[work] / results.operations_per_second * masks
        times = [_time(seconds) for seconds in (notebook, by_torch, ours, limit)]
        lines.append(
            [label, *times, f"{notebook / ours:.0f}", f"{by_torch / ours:.1f}", f"{ours / limit:.1f}"]
        )
    heads = ["work", "notebook", "torch", "numba", "limit"]
    heads += ["notebook / numba", "torch / numba", "numba / limit"]
    return f"""## Evaluation, notebook preset

{_table(heads, lines)}

Notebook: its formulation written plainly in torch, in float32 over the whole plane, checked to give the same
answers; timed on 10 masks, because 100 take 18 GB, and for the gradient of one weighted sum. Limit: the
multiply-adds that any method needs (`baselines.necessary_operations`) at the rate above."""


def _loop(results: Results) -> str:
    notebook_value = results.each("values", "notebook")
    notebook_seeding = 200 * 10 * results.each("gradients", "notebook")
    lines = []
    for side in ("numba", "torch"):
        ours = results.each("seeding", side)
        label = f"seeding, 10 x 200 steps, {side}"
        lines.append([label, _time(ours), "", "", "", "", f"{notebook_seeding / ours:.0f}", ""])
    for work, label, seeding in (
        ("generations", "NSGA-II, 100 x 50 generations", 0.0),
        ("job", "the notebook's job: seeding, then NSGA-II, 100 x 50", notebook_seeding),
    ):
        for side, entry in results.entries[work].items():
            total, info = entry["seconds"], entry["info"]
            notebook = seeding + 50 * 100 * notebook_value + info["seeding"] + info["pymoo"]
            name = f"{label}; {side} duplicate elimination"
            shares = [f"{info['pymoo'] / total:.0%}", f"{notebook / total:.0f}"]
            times = [_time(total), *(_time(info[part]) for part in ("evaluating", "seeding", "pymoo"))]
            lines.append([name, *times, *shares, f"{info['hypervolume']:.4f}"])
    heads = ["work", "time", "evaluating", "seeding beside", "pymoo", "pymoo's share", "notebook / ours"]
    heads.append("hypervolume")
    return f"""## Whole runs, notebook preset

{_table(heads, lines)}

The notebook's times are extrapolated: its time for a mask's value and for its gradient, times their number,
and what our run spends beside evaluating. Seeding beside: Adam and logits. pymoo: its operators, mostly
crossover of 8,192 variables, and its bookkeeping."""


def _display(results: Results) -> str:
    lines = []
    for work in ("display values of 100", "display gradients of 10", "display gradients of 1"):
        ours, by_torch = results.each(work, "numba"), results.each(work, "torch")
        lines.append([work, _time(by_torch), _time(ours), f"{by_torch / ours:.1f}"])
    heads = ["work", "torch, a mask", "numba, a mask", "torch / numba"]
    return f"## Evaluation, display preset\n\n{_table(heads, lines)}"


def _memory(results: Results) -> str:
    lines = [[entry["what"], entry["side"], f"{entry['megabytes'][0]:.0f} MB"] for entry in results.memory]
    return f"""## Memory added at its peak

{_table(["work", "side", "added"], lines)}

Each in a process of its own, over what it held when the problem was made."""


def _scaling(results: Results) -> str:
    lines = []
    for work, label in (
        ("length", "length of the sound"),
        ("population", "population"),
        ("grid", "control grid"),
    ):
        for side, entry in results.entries[work].items():
            lines.append([label, side, _time(entry["seconds"]), _time(results.each(work, side))])
    heads = ["grows", "to", "F of all masks", "F of one"]
    return f"""## Cost against size, notebook preset

{_table(heads, lines)}

100 masks, a synthetic sound of 75 s and 64 x 128 variables but for what grows; populations on the problem at
the top."""


def _others(results: Results) -> str:
    lines = [
        [work, side, _time(results.each(work, side))]
        for work in ("SSIM and gradient of a view", "sound of a mask")
        for side in results.entries[work]
    ]
    for preset, entry in results.entries["first problem"].items():
        compiled, from_disk = entry["taken"]
        lines.append(["loops of the first problem, compiled", f"{preset} preset", _time(compiled)])
        lines.append(["the same in another process, from disk", f"{preset} preset", _time(from_disk)])
    return f"## Other parts\n\n{_table(['work', 'by', 'time'], lines)}"


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:,.1f} s"
    return f"{1000 * seconds:.3g} ms"


def _table(heads: list[str], lines: list[list[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    RESULTS.write_text(report(Results(json.loads(Path(sys.argv[1]).read_text()))))
    print(RESULTS.read_text())
