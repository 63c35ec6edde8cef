"""Arguments of the marketing agent's tools."""

from falachefe.crews.tools.argument_types import Arguments, Line, Segment, Text


class CreateCampaign(Arguments):
    name: Line
    message: Text
    segment: Segment


class CampaignResults(Arguments):
    name: Line


class SuggestPost(Arguments):
    topic: Line
