"""POST /v1/platform/posts/{item_id}/views: counts a view of a post."""

from uuid import UUID

from falachefe.app.rest import rest_api
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.posts.resource import count_view
from falachefe.posts.schemas import Views

api = rest_api("platform")


@api.post(
    "/posts/<item_id>/views",
    permission="posts.read",
    summary="Count a view of a post",
    refuses={404: "No such post, or it is not published"},
)
def viewed(item_id: UUID) -> Views:
    with request_unit_of_work(api) as work:
        return {"view_count": count_view(work, item_id)}


handler = api.handler()
