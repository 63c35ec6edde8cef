"""A turn from the stored message to the reply."""

from uuid import UUID

from tests.integration.crews.harness import TurnHarness


def test_a_message_gets_its_tool_and_one_reply(crew: TurnHarness) -> None:
    crew.receive("gastei 10 com pão", "m1")
    [outcome] = crew.drain()
    assert outcome.kind == "replied"
    assert crew.replies() == ["Anotado: gastei 10 com pão"]
    assert crew.entry_counts() == {"gastei 10 com pão": 1}
    assert crew.conversation().active_task_id is None
    assert crew.queue_messages_left() == []


def test_a_repeated_delivery_is_answered_once(crew: TurnHarness) -> None:
    for _ in range(3):
        crew.receive("gastei 10 com pão", "m1")
    queue_message = crew.queues.agent_queue_messages[0]
    crew.drain()
    assert [crew.run(queue_message).kind for _ in range(2)] == ["skipped", "skipped"]
    assert len(crew.replies()) == 1
    assert crew.entry_counts() == {"gastei 10 com pão": 1}


def test_a_contact_is_answered_by_support(crew: TurnHarness, company_id: UUID) -> None:
    with crew.real.tenant(company_id) as session:
        crew.conversation_ids.append(crew._person(session, 7))
    decision = crew.receive("conversa", "m1", contact=1)
    assert decision is not None
    assert (decision.role, decision.reason) == ("support", "contact")
    crew.drain()
    assert crew.agent.last_turn.sender_kind == "contact"
