"""Certificates of a study's own problems."""

import json
from pathlib import Path

import numpy as np
import pytest
from pymoo.problems.multi import ZDT1

from pymoo_moss import MOSSProblem, certify
from pymoo_moss.study import AlgorithmChoice, ProblemChoice, Study, StudyResult, read_study
from pymoo_moss.study import certificates as certificates_module

ALGORITHMS = {"levels": AlgorithmChoice("nsga2", population=8, sampling="levels")}


def few_variables(scale=1.0):
    rng = np.random.default_rng(3)
    picture = np.outer(np.linspace(0, 1, 24), np.linspace(1, 0, 40))
    sound = scale * 0.3 * rng.standard_normal(4000)
    return MOSSProblem(picture, (sound, 8000), sample_rate=8000, n_fft=256, hop_length=64, grid=(3, 5))


def louder():
    return few_variables(2.0)


@pytest.fixture
def counted(monkeypatch):
    """The problems that are certified."""
    calls = []

    def certified(problem):
        calls.append(problem.n_obj)
        return certify(problem, n_weights=4, n_passes=0)

    monkeypatch.setattr(certificates_module, "certify", certified)
    return calls


def shares(study):
    return study.run().indicators()["share"].to_numpy()


def test_shares_are_of_the_certified_bound_which_is_computed_once(tmp_path, counted):
    study = Study({"own": few_variables}, ALGORITHMS, 2, 40, tmp_path, certify=True)
    result = study.run()
    assert len(counted) == 1
    upper = certify(few_variables(), n_weights=4, n_passes=0).hypervolume_upper
    rows = result.indicators()
    np.testing.assert_allclose(rows["share"], rows["hypervolume"] / upper, rtol=1e-12)
    assert (rows["share"] > 0).all()
    assert (rows["share"] < 1).all()
    # Resumed, asked again, and loaded: nothing is computed.
    np.testing.assert_array_equal(shares(study), rows["share"])
    np.testing.assert_array_equal(study.result().indicators()["share"], rows["share"])
    np.testing.assert_array_equal(StudyResult.load(tmp_path).indicators()["share"], rows["share"])
    assert len(counted) == 1
    (path,) = (tmp_path / "certificates").iterdir()
    content = json.loads(path.read_text())
    assert content["hypervolume_upper"] == upper
    assert 0 <= content["looseness"] < 1


def test_a_certificate_that_is_damaged_or_of_another_problem_does_not_count(tmp_path, counted):
    study = Study({"own": few_variables}, ALGORITHMS, 1, 40, tmp_path, certify=True)
    before = shares(study)
    (path,) = (tmp_path / "certificates").iterdir()
    for content in (
        b"",
        b"[]",
        b'{"weights": []}',
        path.read_bytes().replace(b'"points": [[', b'"points": [[0], ['),
    ):
        path.write_bytes(content)
        assert np.isnan(study.result().indicators()["share"]).all()
        np.testing.assert_array_equal(shares(study), before)
    assert len(counted) == 5
    # A function cannot be hashed, but its problem has another box.
    Study({"own": louder}, ALGORITHMS, 1, 40, tmp_path, certify=True).run()
    assert len(counted) == 6


def test_without_the_option_nothing_is_certified(tmp_path, counted):
    assert np.isnan(shares(Study({"own": few_variables}, ALGORITHMS, 1, 40, tmp_path))).all()
    assert counted == []


def test_what_has_a_bound_or_none_is_left_as_it_is(tmp_path, counted):
    problems = {
        "frozen": ProblemChoice("owl-drums-16x32"),
        "other grid": ProblemChoice("owl-drums-16x32", {"grid": [4, 5]}),
        "three": ProblemChoice(
            "owl-drums-16x32",
            {"grid": [4, 5], "objectives": ["visual_l1", "audio_log_l1", "mask_roughness"]},
        ),
        "no bound": ProblemChoice(
            "owl-drums-16x32",
            {"grid": [4, 5], "objectives": ["visual_l1", "audio_log_l1", "audio_mel"]},
        ),
        "plain": ZDT1(n_var=5),
    }
    rows = Study(problems, ALGORITHMS, 1, 16, tmp_path, certify=True).run().indicators()
    known = rows.set_index("problem")["share"].notna().to_dict()
    assert known == {"frozen": True, "other grid": True, "three": True, "no bound": False, "plain": False}
    assert len(list(Path(tmp_path / "certificates").iterdir())) == 2


def test_a_study_file_asks_for_certificates(tmp_path):
    text = 'problems = ["owl-drums-16x32"]\nalgorithms = ["nsga2"]\nseeds = 1\nbudget = 9\ncertify = true\n'
    (tmp_path / "s.toml").write_text(text)
    assert read_study(tmp_path / "s.toml", tmp_path).certify
