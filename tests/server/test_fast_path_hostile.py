"""What means harm is refused by the quick way as by the common one: by itself it answers nothing that is wrong."""

import pytest

from tests.server.test_hostile import BROKEN, UNFIT
from tests.server.wires import RIGHT, Server, request

STRANGE = [0x00, 0x1F, 0x22, 0x5C, 0x7B, 0x80, 0xC3, 0xFF]


def refused(server: Server, body: bytes) -> bool:
    """Whether the answer is one of status 400, on a connection that answers rightly before and after."""
    heard = b"".join(server.say(request(), request(body), request()).writes)
    answers = heard.split(b"HTTP/1.1 ")[1:]
    return [answer[:3] for answer in answers] == [b"200", b"400", b"200"]


@pytest.mark.parametrize("name", [*BROKEN, *UNFIT])
def test_what_is_no_json_or_does_not_fit_is_refused(name: str, quick_server: Server) -> None:
    body = (BROKEN | UNFIT)[name]
    assert refused(quick_server, body)
    assert quick_server.taken[:2] == [True, False]


def test_a_body_cut_anywhere_is_refused(quick_server: Server) -> None:
    assert all(refused(quick_server, RIGHT[:cut]) for cut in range(len(RIGHT)))


@pytest.mark.parametrize("byte", STRANGE)
def test_a_byte_put_anywhere_outside_of_texts_is_refused(byte: int, quick_server: Server) -> None:
    for place in (0, 1, 12, 13, 14, 15, len(RIGHT) - 1, len(RIGHT)):
        assert refused(quick_server, RIGHT[:place] + bytes([byte]) + RIGHT[place:])
