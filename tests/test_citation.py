"""What is needed to cite the package: its metadata, and the paper in the format of JOSS."""

import re
from pathlib import Path

import pytest

from pymoo_moss import list_problems

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]
PAPER = (ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
_, FRONT, BODY = PAPER.split("---\n", 2)
BIBLIOGRAPHY = (ROOT / "docs" / "paper.bib").read_text(encoding="utf-8")


def test_the_citation_agrees_with_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert citation["cff-version"] == "1.2.0"
    assert f'version = "{citation["version"]}"' in project.splitlines()
    assert f"## [{citation['version']}] - {citation['date-released']}" in changelog
    assert f'license = "{citation["license"]}"' in project.splitlines()
    authors = ", ".join(f'{{ name = "{author["name"]}" }}' for author in citation["authors"])
    assert f"authors = [{authors}]" in project.splitlines()
    assert all(citation[part] for part in ("title", "message", "abstract"))
    assert len(citation["keywords"]) == len(set(citation["keywords"])) > 5
    assert f"{len(list_problems())} frozen problems" in " ".join(citation["abstract"].split())


def test_the_paper_has_what_the_journal_asks_for():
    front = yaml.safe_load(FRONT)
    assert set(front) == {"title", "tags", "authors", "affiliations", "date", "bibliography"}
    assert (ROOT / "docs" / front["bibliography"]).is_file()
    indices = {one["index"] for one in front["affiliations"]}
    assert {author["affiliation"] for author in front["authors"]} <= indices
    sections = re.findall(r"^# (.+)$", BODY, flags=re.MULTILINE)
    assert sections[:3] == ["Summary", "Statement of need", "State of the field"]
    assert sections[-2:] == ["Acknowledgements", "References"]
    prose = re.sub(r"^(\||:|#).*$", "", BODY, flags=re.MULTILINE)
    assert 750 <= len(prose.split()) <= 1750
    for figure in re.findall(r"\]\(([^)]+)\)", BODY):
        assert (ROOT / "docs" / figure).is_file()


def test_every_reference_is_cited_and_every_citation_has_a_reference():
    entries = re.findall(r"^@\w+\{([\w-]+),", BIBLIOGRAPHY, flags=re.MULTILINE)
    assert len(entries) == len(set(entries))
    assert set(re.findall(r"@([\w-]+)", BODY)) == set(entries)
    dois = re.findall(r"doi\s*= \{(.+)\}", BIBLIOGRAPHY)
    assert len(dois) == len(set(dois))
    assert all(re.fullmatch(r"10\.\d{4,}/\S+", doi) for doi in dois)
    assert BIBLIOGRAPHY.count("{") == BIBLIOGRAPHY.count("}")


def test_figures_of_the_paper_are_those_of_the_benchmarks():
    measured = (ROOT / "benchmarks" / "FRONTS.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = {
        cells[1]: cells[2:6]
        for line in measured.splitlines()
        if (cells := [cell.strip() for cell in line.strip("|").split("|")])[0] == "embedded"
        and len(cells) > 6
    }
    text = " ".join(BODY.split())
    assert f"{rows['ascent'][0]} of the certified bound after 1,000" in text
    assert f"{rows['ascent'][3]} after 40,000" in text
    assert f"from gradient seeds have {rows['NSGA-II, gradient seeds'][3]}" in text
    assert "1,440 times faster" in readme
    assert "1/1,440 of the time" in text
