"""The table of papers against counting, and against those who read it."""

import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from scipy.stats import iqr, mannwhitneyu

from pymoo_moss.errors import OptionError
from pymoo_moss.study.per_problem import (
    escape_latex,
    per_problem,
    per_problem_latex,
    per_problem_markdown,
)

from .test_comparison import table

RNG = np.random.default_rng(4)
LABELS = ["ours", "a_b & 50 %", "$x^2$ #{~}\\"]
SAMPLES = {
    "p_1": dict(zip(LABELS, (RNG.normal(mean, 0.01, 12) for mean in (0.8, 0.9, 0.7)), strict=True)),
    "p|2": dict(zip(LABELS, (RNG.normal(0.5, 0.01, 12) for _ in LABELS), strict=True)),
    "p3": {"ours": [0.25] * 3},
}


@pytest.fixture
def indicators():
    return table(SAMPLES)


def test_medians_and_quartiles_are_those_of_the_runs(indicators):
    rows = per_problem(indicators, 100).set_index(["problem", "algorithm"])
    for (problem, name), row in rows.iterrows():
        sample = np.asarray(SAMPLES[problem][name])
        assert row["runs"] == len(sample)
        assert row["median"] == np.median(sample)
        assert row["q75"] - row["q25"] == pytest.approx(iqr(sample), abs=1e-15)
        assert row["best"] == (np.median(sample) == max(map(np.median, SAMPLES[problem].values())))


@pytest.mark.parametrize("reference", LABELS)
def test_marks_are_of_tests_against_the_reference(indicators, reference):
    rows = per_problem(indicators, 100, reference=reference).set_index(["problem", "algorithm"])
    for problem in ("p_1", "p|2"):
        others = [name for name in LABELS if name != reference]
        p = [
            mannwhitneyu(SAMPLES[problem][name], SAMPLES[problem][reference], method="exact").pvalue
            for name in others
        ]
        # Holm's correction of two: the smaller doubled, the greater at least that.
        first = min(2 * min(p), 1)
        for name, own in zip(others, p, strict=True):
            assert rows.loc[(problem, name), "p_holm"] == pytest.approx(
                first if own == min(p) else max(own, first)
            )
        assert np.isnan(rows.loc[(problem, reference), "p_holm"])
        assert rows.loc[(problem, reference), "mark"] == ""
    better = {name for name in LABELS if rows.loc[("p_1", name), "mark"] == "+"}
    order = [LABELS[1], LABELS[0], LABELS[2]]
    assert better == set(order[: order.index(reference)])
    assert rows.loc[("p3", "ours"), "mark"] == ""


def test_less_is_better_where_it_is(indicators):
    rows = per_problem(indicators, 100, "igd_plus").set_index(["problem", "algorithm"])
    assert rows.loc[("p_1", LABELS[1]), "mark"] == "+"
    assert rows.loc[("p_1", LABELS[1]), "best"]
    assert rows.loc[("p_1", LABELS[1]), "median"] == 1 - np.median(SAMPLES["p_1"][LABELS[1]])
    assert (rows["q25"] <= rows["q75"]).all()


def test_copies_count_once():
    found = per_problem(table({"p": {"same": [0.9] * 5, "drawn": [0.5, 0.6, 0.7]}}, copies=["same"]), 100)
    assert found["runs"].tolist() == [1, 3]
    assert found["mark"].tolist() == ["", "="]


def test_an_unknown_reference_is_named(indicators):
    with pytest.raises(OptionError, match="unknown algorithm 'our': did you mean 'ours'"):
        per_problem(indicators, 100, reference="our")


def test_markdown_has_a_row_for_each_problem(indicators):
    lines = per_problem_markdown(per_problem(indicators, 100)).splitlines()
    assert len(lines) == 5
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    best = np.median(SAMPLES["p_1"][LABELS[1]])
    assert f"| **{best:.4f}** (" in lines[2]
    assert " + |" in lines[2]
    assert lines[4] == "| p3 | **0.2500** (0.0000) | - | - |"


def test_latex_escapes_as_pandas_does():
    text = "".join(map(chr, range(32, 127)))
    for one in [*text, "a_b", "50 %", "é"]:
        theirs = pd.DataFrame([[one]]).style.format(escape="latex").to_latex()
        # Pandas adds a space that LaTeX swallows after a command, or prints.
        ours = escape_latex(one).replace("{}", "")
        assert re.sub(r"\\(textbackslash|textasciitilde|textasciicircum)\s*", r"\\\1", ours).strip() in theirs


def test_latex_has_booktabs_and_compiles(indicators, tmp_path):
    latex = per_problem_latex(per_problem(indicators, 100), r"Median, $\approx$ is no difference.")
    best = np.median(SAMPLES["p_1"][LABELS[1]])
    assert rf"\textbf{{{best:.4f}}} (" in latex
    for part in (
        r"\toprule",
        r"\midrule",
        r"\bottomrule",
        r"a\_b \& 50 \%",
        "$^{+}$",
        r"$^{\approx}$",
        "p\\_1 &",
    ):
        assert part in latex
    rows = [line for line in latex.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {3}
    compiler = shutil.which("pdflatex") or shutil.which("tectonic")
    if compiler is None:
        return
    whole = r"\documentclass{article}\usepackage{booktabs}\begin{document}" + latex + r"\end{document}"
    (tmp_path / "t.tex").write_text(whole)
    done = subprocess.run([compiler, "t.tex"], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0, done.stdout
