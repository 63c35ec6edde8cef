"""How the stand-in compares phones."""

import pytest

from infra.local.front_door.phones import canonical, digits_of, same_phone


@pytest.mark.parametrize(
    "written",
    [
        "+5511987654321",
        "5511987654321@s.whatsapp.net",
        "(11) 98765-4321",
        "551187654321",
        "11 8765-4321",
        "+55 11 98765-4321",
    ],
)
def test_every_way_of_writing_a_mobile_number_is_one_phone(written: str) -> None:
    assert canonical(written) == "5511987654321"
    assert same_phone(written, "+5511987654321")


def test_a_landline_gets_no_ninth_digit() -> None:
    assert canonical("+55 11 3222-1000") == "551132221000"


def test_a_device_suffix_is_no_part_of_the_number() -> None:
    assert digits_of("5511987654321:12@s.whatsapp.net") == "5511987654321"


def test_nothing_is_no_phone() -> None:
    assert not same_phone("", "")
    assert not same_phone("+5511987654321", "+5511987654322")
