"""A turn from the stored message to the one reply, undisturbed."""

from uuid import UUID

from tests.integration.crews.rig import World


def test_a_message_gets_its_tool_and_one_reply(world: World) -> None:
    world.receive("gastei 10 com pão", "m1")
    [outcome] = world.drain()
    assert outcome.kind == "replied"
    assert world.replies() == ["Anotado: gastei 10 com pão"]
    assert world.noted() == {"gastei 10 com pão": 1}
    assert world.conversation().active_task_id is None
    assert world.queue_messages_left() == []


def test_a_repeated_delivery_is_answered_once(world: World) -> None:
    for _ in range(3):
        world.receive("gastei 10 com pão", "m1")
    queue_message = world.queues.agent_queue_messages[0]
    world.drain()
    assert [world.run(queue_message).kind for _ in range(2)] == ["skipped", "skipped"]
    assert len(world.replies()) == 1
    assert world.noted() == {"gastei 10 com pão": 1}


def test_a_contact_is_answered_by_support(world: World, company_id: UUID) -> None:
    with world.real.tenant(company_id) as session:
        world.talks.append(world._person(session, 7))
    decision = world.receive("conversa", "m1", talk=1)
    assert decision is not None
    assert (decision.role, decision.reason) == ("support", "contact")
    world.drain()
    assert world.agent.last_turn.sender_kind == "contact"
