"""The simulator joins what is stored with what went over the wire."""

from datetime import UTC, datetime, timedelta

from infra.local.front_door.conversation import Handoff, StoredMessage, ToolRun, Turn
from infra.local.front_door.provider import Sent
from infra.local.front_door.simulator import Line, timeline

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PHONE = "+5511987654321"


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def line(text: str, messageid: str, seconds: float, answer: int = 200) -> Line:
    return Line("0199", PHONE, text, after(seconds), messageid, answer)


def sent(text: str, messageid: str, track_id: str, seconds: float, status: str = "delivered") -> Sent:
    return Sent(PHONE, text, after(seconds), messageid, track_id, "text", "+551140028922", status)


def stored_in(text: str, messageid: str, seconds: float, *, answered: bool = False) -> StoredMessage:
    return StoredMessage("row-" + messageid, "in", text, "received", messageid, after(seconds), answered, None)


def stored_out(text: str, row_id: str, seconds: float) -> StoredMessage:
    turn = Turn("hr", 21, (ToolRun("hr", "list_employees", {}, ok=True),), (Handoff("financial", "hr", "férias"),))
    return StoredMessage(row_id, "out", text, "sent", None, after(seconds), answered=True, turn=turn)


def test_a_message_keeps_its_identity_when_it_is_stored() -> None:
    before = timeline([], [line("oi", "3EB0A", 0)], [])
    later = timeline([stored_in("oi", "551140028922:3EB0A", 1)], [line("oi", "3EB0A", 0)], [])
    assert [one["id"] for one in before] == [one["id"] for one in later] == ["3EB0A"]
    assert (before[0]["status"], later[0]["status"]) == ("accepted", "stored")


def test_a_reply_is_shown_once_with_who_answered_and_how_far_it_came() -> None:
    (reply,) = timeline([stored_out("Pronto", "row-9", 2)], [], [sent("Pronto", "3EB0B", "row-9", 2.5, "read")])
    assert (reply["role"], reply["status"], reply["text"]) == ("hr", "read", "Pronto")
    assert reply["tools"] == [{"role": "hr", "tool": "list_employees", "args": {}, "ok": True}]
    assert reply["handoffs"] == [{"from": "financial", "to": "hr", "reason": "férias"}]


def test_a_long_reply_in_pieces_is_one_bubble() -> None:
    pieces = [sent("parte 1", "3EB0B", "row-9", 2.5), sent("parte 2", "3EB0C", "row-9", 2.6)]
    (reply,) = timeline([stored_out("parte 1 parte 2", "row-9", 2)], [], pieces)
    assert reply["text"] == "parte 1 parte 2"


def test_a_code_that_only_went_over_the_wire_is_shown() -> None:
    (code,) = timeline([], [], [sent("Seu código é 123456", "3EB0C", "", 1)])
    assert (code["direction"], code["text"]) == ("out", "Seu código é 123456")


def test_a_refused_message_says_what_the_webhook_answered() -> None:
    (refused,) = timeline([], [line("oi", "3EB0A", 0, answer=429)], [])
    assert (refused["status"], refused["webhook_status"]) == ("refused", 429)


def test_an_answered_message_is_marked() -> None:
    (answered,) = timeline([stored_in("oi", "3EB0A", 0, answered=True)], [], [])
    assert answered["status"] == "answered"


def test_messages_stand_in_the_order_in_which_they_were_written() -> None:
    entries = timeline(
        [stored_in("um", "3EB0A", 0.4), stored_out("dois", "row-9", 2)],
        [line("um", "3EB0A", 0), line("três", "3EB0D", 3)],
        [sent("dois", "3EB0B", "row-9", 2.5)],
    )
    assert [one["text"] for one in entries] == ["um", "dois", "três"]
