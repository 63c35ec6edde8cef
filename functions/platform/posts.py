"""/v1/platform/posts: the texts that a company publishes for its users."""

from falachefe.app.rest import resource_api
from falachefe.posts.resource import POSTS

api = resource_api(POSTS)
handler = api.handler()
