import pytest

from pymoo_moss.errors import MissingExtraError, MossError, missing_extra, renamed


def test_a_missing_package_names_the_extra():
    message = r"'no_such_package' is not installed: pip install 'pymoo-moss\[study\]'"
    with pytest.raises(MossError, match=message), missing_extra("study"):
        import no_such_package  # noqa: F401
    assert issubclass(MissingExtraError, ImportError)


def test_other_errors_pass_through():
    with pytest.raises(ZeroDivisionError), missing_extra("study"):
        _ = 1 / 0


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("expected fmin below 8 Hz: set sample_rate", "expected --fmin below 8 Hz: set --sample-rate"),
        (
            "expected grid of 1 x 1, got 3: choose a smaller grid",
            "expected --grid of 1 x 1, got 3: choose a smaller grid",
        ),
        ("the grid of 'my fmin.png', fmin", "the grid of 'my fmin.png', --fmin"),
        ("xfmin and sample_rates", "xfmin and sample_rates"),
        ("no picture file at 'Bob's fmin.png': set fmin", "no picture file at 'Bob's fmin.png': set --fmin"),
        ("no file 'the dogs' fmin' or 'gamma'", "no file 'the dogs' fmin' or 'gamma'"),
        ('expected fmin as a number, got "it\'s fmin"', 'expected --fmin as a number, got "it\'s fmin"'),
        ("the file's fmin, 'set grid\nfmin'", "the file's --fmin, 'set grid\nfmin'"),
    ],
)
def test_parameters_get_the_names_that_the_user_knows(message, expected):
    names = {"fmin": "--fmin", "sample_rate": "--sample-rate", "grid": "--grid"}
    assert renamed(message, names) == expected
    assert renamed(message, {}) == message
