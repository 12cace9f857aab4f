"""The arithmetic of the panel of judges in `benchmarks.judges`, none of which needs the judges themselves."""

import json
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from pytorch_msssim import ms_ssim as reference_ms_ssim
from scipy.stats import spearmanr

from benchmarks.judges import kept as kept_module
from benchmarks.judges.agreement import agreement, mean, rank_correlation
from benchmarks.judges.boxes import agreed, overlap, tries_at
from benchmarks.judges.descriptions import JUDGES, Description
from benchmarks.judges.distance import edit_distance, letters_read, word_error_rate
from benchmarks.judges.edges import edge_correlation
from benchmarks.judges.fingerprint_bits import equal_bits
from benchmarks.judges.folder import (
    ENDS,
    JUDGED,
    JUDGES_FILE,
    PAIR,
    PICTURE,
    PICTURE_ITSELF,
    RELEASE_FILE,
    RUN,
    SONG,
    SONG_ITSELF,
    UNCODED,
    Pair,
    Point,
    Rectangle,
    Run,
    judged,
    write,
)
from benchmarks.judges.judge import judge_run
from benchmarks.judges.listening import matched, part_to_listen_to, read_mono, resampled
from benchmarks.judges.multi_scale import ms_ssim
from benchmarks.judges.music import RATE, canon, fast_piece
from benchmarks.judges.note_matching import Note, common_notes, f_measure, share_found
from benchmarks.judges.pairs import black_on_white
from benchmarks.judges.release import labels_of
from benchmarks.judges.report import PAGE, agreements, page
from benchmarks.judges.results import facts_of, judged_pairs
from benchmarks.judges.view import view

RNG = np.random.default_rng(3)

FACTS = {
    "python": "3.11",
    "versions": {"zimtohrli": "0.2"},
    "missing": {},
    "files": {"python": "3.12", "torch": "2.13"},
}


def smooth(shape=(200, 240)):
    rows, columns = (np.linspace(0, 9, size) for size in shape)
    return np.clip(0.5 + 0.3 * np.sin(rows)[:, None] + 0.2 * np.cos(2 * columns), 0, 1)


def test_multi_scale_similarity_is_that_of_another_implementation():
    one = smooth()
    other = np.clip(one + 0.1 * RNG.standard_normal(one.shape), 0, 1)
    tensors = (torch.from_numpy(picture)[None, None] for picture in (one, other))
    # The other one has windows whose weights are rounded to float32.
    assert ms_ssim(one, other) == pytest.approx(float(reference_ms_ssim(*tensors, data_range=1.0)), abs=1e-5)
    assert ms_ssim(one, one) == pytest.approx(1.0)


def test_multi_scale_similarity_refuses_pictures_without_room_for_its_scales():
    with pytest.raises(ValueError, match="177 points"):
        ms_ssim(np.zeros((176, 300)), np.zeros((176, 300)))


def test_edges_of_a_picture_are_its_own_whatever_its_contrast():
    picture = smooth()
    assert edge_correlation(picture, picture) == pytest.approx(1.0)
    assert edge_correlation(0.2 + 0.3 * picture, picture) == pytest.approx(1.0)
    assert edge_correlation(1 - picture, picture) == pytest.approx(1.0)


def test_edges_elsewhere_do_not_correlate():
    left, right = np.zeros((60, 80)), np.zeros((60, 80))
    left[:, :20], right[:, 60:] = 1, 1
    assert edge_correlation(left, right) < 0
    assert edge_correlation(left, np.full((60, 80), 0.4)) == 0.0


def test_words_are_counted_by_hand():
    # One word replaced, one missing, one in addition, of five.
    assert word_error_rate("he might even have been", "He could even have been um") == pytest.approx(2 / 5)
    assert word_error_rate("he might even have been", "might even have been") == pytest.approx(1 / 5)
    assert word_error_rate("to be or not", "to be or not") == 0.0
    assert edit_distance("kitten", "sitting") == 3


def test_letters_are_counted_by_hand():
    assert letters_read("HELLO WORLD", "HELLO\nWORLD\n") == 1.0
    assert letters_read("HELLO WORLD", "HELL0\n~ WRLD|") == pytest.approx(1 - 2 / 10)
    assert letters_read("HI", "something else") == 0.0


def test_notes_are_paired_by_hand():
    song = [Note(0.00, 60), Note(0.50, 60), Note(1.00, 64), Note(1.00, 67)]
    sound = [Note(0.04, 60), Note(0.48, 60), Note(0.52, 60), Note(1.06, 64), Note(1.00, 68)]
    assert common_notes(song, sound) == common_notes(sound, song) == 2
    assert share_found(song, sound) == pytest.approx(2 / 4)
    assert f_measure(song, sound) == pytest.approx(2 * 2 / (4 + 5))
    assert share_found(song, song) == f_measure(song, song) == 1.0
    assert share_found(song, []) == f_measure(song, []) == 0.0


def test_as_many_notes_are_paired_as_can_be():
    # The first of one fits both of the other, the second only the later one.
    assert common_notes([Note(0.04, 60), Note(0.09, 60)], [Note(0.00, 60), Note(0.05, 60)]) == 2


def test_fingerprints_are_compared_bit_by_bit():
    one = np.array([0, 2**32 - 1, 7], dtype=np.uint32)
    other = np.array([1, 2**32 - 1], dtype=np.uint32)
    assert equal_bits(one, other) == pytest.approx(1 - 1 / 64)
    assert equal_bits(one, ~one) == 0.0


def test_boxes_overlap_by_their_common_area():
    assert overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(50 / 150)
    assert overlap((0, 0, 10, 10), (20, 20, 5, 5)) == 0.0


def test_the_face_is_where_most_tries_find_one():
    face, cloud = (10.0, 10.0, 40.0, 40.0), (200.0, 5.0, 20.0, 20.0)
    tries = [[face], [cloud, (12.0, 9.0, 41.0, 40.0)], [cloud], [(8.0, 11.0, 40.0, 42.0)], []]
    box, count = agreed(tries)
    assert count == 3
    assert overlap(box, face) > 0.8
    assert tries_at(face, tries) == 3
    assert agreed([[face], [cloud], []]) is None
    assert agreed([[], []]) is None


def test_a_view_shows_where_the_sound_is():
    rate, seconds = 16_000, 2.0
    time = np.arange(int(seconds * rate)) / rate
    low, high = (np.sin(2 * np.pi * frequency * time) for frequency in (1000, 3000))
    samples = np.where(time < 1, low, high)
    seen = view(samples, rate, Rectangle(0.0, seconds, 0.0, 4000.0), (80, 100))
    assert seen.shape == (80, 100)
    rows = seen.argmax(axis=0)  # row 0 is the highest frequency
    assert np.abs(rows[5:45] - 59.5).max() <= 1.5
    assert np.abs(rows[55:95] - 19.5).max() <= 1.5
    later = view(samples, rate, Rectangle(1.1, 1.8, 2000.0, 4000.0), (80, 100))
    assert np.abs(later.argmax(axis=0) - 39.5).max() <= 1.5


def test_the_middle_of_the_picture_is_listened_to():
    rectangle = Rectangle(30.0, 34.0, 0.0, 8000.0)
    assert part_to_listen_to(rectangle, 60.0, 10.0) == (27.0, 37.0)
    assert part_to_listen_to(rectangle, 35.0, 10.0) == (25.0, 35.0)
    assert part_to_listen_to(rectangle, 8.0, 10.0) == (0.0, 8.0)
    assert part_to_listen_to(Rectangle(0.0, 2.0, 0.0, 1.0), 60.0, 10.0) == (0.0, 10.0)


def test_sounds_are_compared_at_one_level_and_rate(tmp_path):
    song = np.sin(np.arange(4800) / 5)
    louder, reference = matched(3 * song, song[:4000])
    np.testing.assert_allclose(louder, reference, rtol=1e-6)
    stereo = np.stack([song, -0.5 * song], axis=1)
    soundfile.write(tmp_path / "song.wav", stereo, 16_000, subtype="FLOAT")
    samples, rate = read_mono(tmp_path / "song.wav")
    np.testing.assert_allclose(samples, 0.25 * song, atol=1e-6)
    assert len(resampled(samples, rate)) == 3 * 4800


def test_rank_correlation_is_scipys():
    one, other = RNG.standard_normal(9), RNG.integers(0, 4, 9)
    assert rank_correlation(one, other) == pytest.approx(spearmanr(one, other).statistic)
    assert rank_correlation([1, 2, 3], [1, 2, 3]) is None
    assert rank_correlation([1, 1, 1, 1], [1, 2, 3, 4]) is None


def test_agreement_is_1_where_a_loss_falls_when_the_judge_is_happier():
    points = [({"loss": 4.0 - n}, {"mos": float(n), "errors": 1.0 - n / 4}) for n in range(4)]
    points.append(({"loss": None}, {"mos": 0.0, "errors": 0.0}))
    points.append(({"loss": 9.0}, {"mos": None}))
    assert agreement(points, "loss", "mos", more_is_better=True) == pytest.approx(1.0)
    assert agreement(points, "loss", "errors", more_is_better=False) == pytest.approx(1.0)
    assert agreement(points, "absent", "mos", more_is_better=True) is None
    assert mean([0.5, None, 1.0]) == 0.75
    assert mean([None]) is None


def test_what_is_not_installed_is_named():
    absent = Description("", "", "", "song", packages=("json", "no_such_package"), program="no-such-program")
    assert absent.missing == ["no_such_package", "no-such-program"]
    assert Description("", "", "", "song", packages=("json",)).missing == []


@pytest.fixture
def folder(tmp_path):
    """A judged pair with one front, whose best picture was not found by one of the judges."""
    pair = tmp_path / "pair"
    names = ["1", "2 clear", "3", "4"]
    where = Rectangle(0.0, 10.0, 0.0, 8000.0)
    points = [
        Point(name, {UNCODED: f"{name}.wav"}, {"visual": float(n), "audio": 3.0 - n, "unusable": None})
        for n, name in enumerate(names)
    ]
    said = {
        name: {
            UNCODED: {"ms_ssim": 0.9 - 0.2 * n, "zimtohrli": 2.0 + n, "face": None},
            "MP3 192": {"face": 0.0},
        }
        for n, name in enumerate(names)
    }
    for run, opinions in (
        (Run("display", where, points, evaluations=1000), said),
        (
            Run(ENDS, where, [Point(SONG_ITSELF, {UNCODED: "../song.wav"}), Point(PICTURE_ITSELF, {})]),
            {SONG_ITSELF: {UNCODED: {"zimtohrli": 5.0}}, PICTURE_ITSELF: {UNCODED: {"ms_ssim": 1.0}}},
        ),
    ):
        (pair / run.name).mkdir(parents=True)
        write(pair / run.name / RUN, run)
        write(pair / run.name / JUDGED, opinions)
    write(pair / PAIR, Pair("cat x drums"))
    return tmp_path


def test_runs_are_read_as_they_were_written(folder):
    run = folder / "pair" / "display"
    again = Run.read(run)
    assert json.loads((run / RUN).read_text()) == asdict(again)
    assert again.points[1].losses == {"visual": 1.0, "audio": 2.0, "unusable": None}
    assert judged(run)["1"][UNCODED]["zimtohrli"] == 2.0
    assert judged(folder) == {}


def test_the_page_has_every_opinion_and_both_ends(folder):
    (pair,) = judged_pairs(folder)
    made = page([pair], FACTS | {"missing": {"text": ["tesseract"]}})
    assert "text: tesseract is not installed" in made
    assert "| cat x drums | picture itself |  |  | 1.00 |  |" in made
    assert "|  | display | clear |  | 0.70 | 3.00 |" in made
    assert "|  | song itself |  |  |  | 5.00 |" in made
    assert "| display | 1 | MP3 192 | 0 |  |  |" in made
    values = agreements([pair])["across"]
    assert values["visual", "ms_ssim"] == pytest.approx(1.0)
    assert values["visual", "zimtohrli"] == pytest.approx(-1.0)
    assert values["audio", "zimtohrli"] == pytest.approx(1.0)
    assert values["unusable", "zimtohrli"] is None


def test_what_is_published_makes_the_same_page(folder, tmp_path_factory):
    write(folder / JUDGES_FILE, FACTS)
    write(folder / RELEASE_FILE, FACTS["files"])
    (folder / "pair" / "picture.png").write_bytes(b"no description")
    kept, again = (tmp_path_factory.mktemp("kept") / name for name in ("judges.tar.xz", "again"))
    kept_module.pack(folder, kept)
    kept_module.unpack(again, kept)
    assert page(list(judged_pairs(again)), facts_of(again)) == page(list(judged_pairs(folder)), FACTS)
    assert not (again / "pair" / "picture.png").exists()


def test_the_published_page_is_that_of_what_the_judges_said(tmp_path):
    kept_module.unpack(tmp_path)
    assert page(list(judged_pairs(tmp_path)), facts_of(tmp_path)) == PAGE.read_text("utf-8")


def test_opinion_scores_are_put_in_order_by_what_can_be_heard(folder):
    (pair,) = judged_pairs(folder)
    (run,) = pair.runs.values()
    for point, heard in zip(run.points, (0.2, 0.3, 20.0, 30.0), strict=True):
        point.losses["audio_audibility"] = heard
    made = page([pair], FACTS)
    first, second, *louder = (run.opinions(point.name)["zimtohrli"] for point in run.points)
    quartiles = " | ".join(f"{value:.2f}" for value in np.quantile([first, second], [0.25, 0.5, 0.75]))
    assert f"| 0.1 to 0.35 | 2 | {quartiles} |" in made
    assert f"| from 10 | 2 | {np.quantile(louder, 0.25):.2f} |" in made
    assert "| 0.35 to 1 |" not in made


def test_every_judge_says_something_of_a_known_kind():
    assert {one.truth for one in JUDGES.values()} == {"picture", "words", "code", "song", "transcript"}


def test_what_is_judged_is_not_judged_again(tmp_path):
    own = {name: JUDGES[name] for name in ("ms_ssim", "edges", "text")}
    pair, run = tmp_path / "pair", tmp_path / "pair" / "display"
    run.mkdir(parents=True)
    picture = Image.fromarray((255 * smooth()).astype(np.uint8))
    picture.save(pair / PICTURE)
    for name in (pair / SONG, run / "1.wav"):
        soundfile.write(name, 0.1 * RNG.standard_normal(16_000), 16_000)
    points = [Point("1", {UNCODED: "1.wav"}), Point(PICTURE_ITSELF, {})]
    write(pair / PAIR, Pair("waves x noise"))
    write(run / RUN, Run("display", Rectangle(0.0, 1.0, 0.0, 8000.0), points))
    assert "2 of 2" in judge_run(run, own)
    said = judged(run)
    assert said[PICTURE_ITSELF][UNCODED] == pytest.approx({"ms_ssim": 1.0, "edges": 1.0})
    assert said["1"][UNCODED].keys() == {"ms_ssim", "edges"}  # no text is known of the picture
    write(run / JUDGED, {**said, "1": {UNCODED: {"ms_ssim": 0.123}}})
    assert "1 of 2" in judge_run(run, own)  # the judge that is missing, and no other
    assert judged(run)["1"][UNCODED] == {"ms_ssim": 0.123, "edges": said["1"][UNCODED]["edges"]}
    assert "0 of 2" in judge_run(run, own)


def test_points_along_a_front_have_the_names_of_picks():
    found = SimpleNamespace(
        picks={"clear": 3, "balanced": 7, "best audio": 20}, evenly=lambda count: [0, 7, 20]
    )
    assert labels_of(found) == {0: "1", 3: "2 clear", 7: "3 balanced", 20: "4"}
    found.picks["balanced"] = 3
    assert labels_of(found) == {0: "1", 3: "2 clear balanced", 7: "3", 20: "4"}


def test_the_canon_leaves_the_treble_free_and_the_fast_piece_does_not():
    for piece, quiet in ((canon(3.0), True), (fast_piece(3.0), False)):
        spectrum = np.abs(np.fft.rfft(piece.mean(axis=1))) ** 2
        treble = np.fft.rfftfreq(len(piece), 1 / RATE) > 6000
        assert (spectrum[treble].sum() < 1e-5 * spectrum.sum()) == quiet
        assert piece.shape == (3 * RATE, 2)
        assert 0.7 < np.abs(piece).max() < 0.72


def test_a_text_is_black_on_white():
    paper = np.asarray(black_on_white("HI THERE"))
    assert {0, 255} <= set(np.unique(paper))
    assert (paper > 127).mean() > 0.5
    assert (paper[[0, -1]] == 255).all()
