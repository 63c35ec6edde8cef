"""Changes of status of requested time off."""

import pytest

from falachefe.hr.rules import TIME_OFF_LABELS, time_off_decision
from falachefe.kernel.errors import Conflict

ALLOWED = {
    ("pending", "approved"),
    ("pending", "rejected"),
    ("pending", "cancelled"),
    ("approved", "cancelled"),
}


@pytest.mark.parametrize("before", TIME_OFF_LABELS)
@pytest.mark.parametrize("after", ["approved", "rejected", "cancelled"])
def test_time_off_is_decided_once_and_may_be_cancelled(before: str, after: str) -> None:
    if before == after or (before, after) in ALLOWED:
        assert time_off_decision(before, after) == after
    else:
        with pytest.raises(Conflict, match="não pode ficar"):
            time_off_decision(before, after)
