import pytest

from pymoo_moss.errors import MissingExtraError, MossError, missing_extra


def test_a_missing_package_names_the_extra():
    message = r"'no_such_package' is not installed: pip install 'pymoo-moss\[study\]'"
    with pytest.raises(MossError, match=message), missing_extra("study"):
        import no_such_package  # noqa: F401
    assert issubclass(MissingExtraError, ImportError)


def test_other_errors_pass_through():
    with pytest.raises(ZeroDivisionError), missing_extra("study"):
        _ = 1 / 0
