"""Splitting, placeholders and the progress of parts."""

import re

from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.ids import new_id
from falachefe.messaging.outbound.parts import (
    LONGEST_PART,
    Progress,
    part_of,
    split,
    track_id,
    units,
    without_placeholders,
)

texts = st.text(st.sampled_from("ab .!?\n,é😀👍🏽\u200d\ufe0f{}") | st.characters(codec="utf-8"), max_size=400)


def without_blanks(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(texts, st.integers(4, 60))
def test_parts_are_within_the_limit_and_together_are_the_text(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < units(part) <= limit for part in parts)
    assert without_blanks("".join(parts)) == without_blanks(text)


@given(st.text(max_size=200))
def test_a_text_within_the_limit_is_one_part(text: str) -> None:
    assert split(text) == ([text.strip()] if text.strip() else [])


def test_a_long_text_is_cut_after_a_sentence() -> None:
    sentence = "O caixa de hoje fechou com saldo positivo. "
    parts = split(sentence * 300)
    assert len(parts) == 4
    assert all(part.endswith("positivo.") for part in parts)
    assert all(len(part) > LONGEST_PART * 0.9 for part in parts[:-1])


def test_a_paragraph_is_preferred_to_a_sentence() -> None:
    text = "Frase um. Frase dois.\n\nFrase três. Frase quatro."
    assert split(text, 40)[0] == "Frase um. Frase dois."


def test_a_very_long_word_is_cut_at_the_limit() -> None:
    assert [len(part) for part in split("a" * 10_000)] == [4096, 4096, 1808]


def test_an_emoji_keeps_its_skin_tone() -> None:
    thumb = "👍🏽"
    for part in split(thumb * 2_000):
        assert part.startswith("👍")
        assert part.endswith("🏽")


@given(texts)
def test_no_placeholder_is_left_for_the_provider(text: str) -> None:
    safe = without_placeholders(text)
    assert "{{" not in safe
    assert safe.replace("\u200b", "") == text.replace("\u200b", "")


def test_a_text_without_placeholders_looks_the_same() -> None:
    assert without_placeholders("CPF: {{lead_personalid}}") == "CPF: {\u200b{lead_personalid}}"


@given(st.integers(0, 50))
def test_a_track_id_names_message_and_part(part: int) -> None:
    message_id = new_id()
    named = part_of(track_id(message_id, part))
    assert named is not None
    assert (named.message_id, named.part) == (message_id, part)


@given(st.text(max_size=60))
def test_a_foreign_track_id_is_no_part(text: str) -> None:
    named = part_of(text)
    assert named is None or str(named.message_id).replace("-", "") in text.replace("-", "").lower()


def test_parts_are_accepted_in_order_and_once() -> None:
    progress = Progress(parts=3)
    assert progress.accepted(1, "b") == progress
    progress = progress.accepted(0, "a").accepted(0, "a")
    assert (progress.sent, progress.provider_ids, progress.complete) == (1, ("a",), False)
    progress = progress.accepted(1, "b").accepted(2, "c").accepted(3, "d")
    assert (progress.sent, progress.last_id, progress.complete) == (3, "c", True)
    assert Progress.read(progress.document()) == progress
