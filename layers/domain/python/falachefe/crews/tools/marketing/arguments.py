"""Arguments of the marketing agent's tools."""

from falachefe.crews.tools.argument_types import Arguments, Line, Moment, Segment, Text


class CreateCampaign(Arguments):
    name: Line
    message: Text
    segment: Segment


class CampaignResults(Arguments):
    name: Line


class SendCampaign(Arguments):
    name: Line
    at: Moment | None = None


class CancelCampaign(Arguments):
    name: Line


class CountContacts(Arguments):
    segment: Segment = "all"


class SuggestPost(Arguments):
    topic: Line
