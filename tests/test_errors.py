"""What a person may read carries a stable code and a sentence in their language."""

from hdh_jupyter.errors import PublicError


def test_an_error_names_its_values_in_both_languages() -> None:
    error = PublicError("run.port_taken", 409, port=8000)
    assert "8000" in error.message("fr")
    assert error.message("fr") != error.message("en")
    assert error.to_dict("en") == {"code": "run.port_taken", "message": error.message("en")}
    assert error.status == 409
