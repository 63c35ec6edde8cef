"""/v1/platform/posts: what a company tells its people."""

from falachefe.app.rest import resource_api
from falachefe.posts.resource import POSTS

api = resource_api(POSTS)
handler = api.handler()
