"""What the OpenAPI document says of every operation."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from .errors import MEDIA_TYPE, ProblemSerializer


class NounSchema(AutoSchema):
    """Says of every operation that its refusals are problem documents."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses = super()._get_response_bodies(direction)
        if direction == "response":
            problem = self.resolve_serializer(ProblemSerializer(), direction)
            responses["default"] = {"description": "Refused", "content": {MEDIA_TYPE: {"schema": problem.ref}}}
        return responses
