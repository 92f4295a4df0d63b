from pathlib import Path

import pytest

from workbench.core import canonical


def test_equal_content_has_equal_bytes() -> None:
    assert canonical.canonical_json({"b": 1, "a": "ü"}) == '{"a":"ü","b":1}\n'.encode()


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical.canonical_json({"a": float("nan")})


@pytest.mark.parametrize("text", ["", "sha256:", "sha256:" + "A" * 64, "sha256:" + "a" * 63, "a" * 64])
def test_only_sha256_and_64_hex_digits_are_a_digest(text: str) -> None:
    assert not canonical.is_digest(text)
    assert canonical.is_digest("sha256:" + "a" * 64)


def test_damage_names_the_first_file_that_differs(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    expected = canonical.entries(tmp_path)
    assert canonical.damage(tmp_path, expected) is None
    (tmp_path / "c").write_text("3")
    assert canonical.damage(tmp_path, expected) == "c is not recorded"
    (tmp_path / "b").write_text("!")
    assert "b has sha256" in str(canonical.damage(tmp_path, expected))
    (tmp_path / "deep" / "a").unlink()
    assert "deep/a is missing" in str(canonical.damage(tmp_path, expected[::-1]))
