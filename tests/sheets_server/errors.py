"""A refusal, in the two shapes in which Google words it: that of Sheets and that of Drive."""

from __future__ import annotations

from typing import Any

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
"""The word that Google's newer interfaces put beside each code."""

ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


class ApiError(Exception):
    """An answer that is an error. `reason`, `location` (its type and name) and `domain` are what Drive adds; `details` what Sheets adds."""

    def __init__(
        self,
        code: int,
        message: str,
        reason: str = "",
        *,
        location: tuple[str, str] | None = None,
        domain: str = "global",
        details: list[dict[str, Any]] | None = None,
        short: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.reason = code, message, reason or "badRequest"
        self.location, self.domain, self.details = location, domain, details
        self.short = message if short is None else short
        """Drive's inner message, where it differs from the outer one."""

    def body(self, kind: str) -> dict[str, Any]:
        return self._drive() if kind == "drive" else self._sheets()

    def _sheets(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": STATUS.get(self.code, "UNKNOWN")}
        if self.details:
            error["details"] = self.details
        return {"error": error}

    def _drive(self) -> dict[str, Any]:
        inner = {"message": self.short, "domain": self.domain, "reason": self.reason}
        if self.location:
            inner["location"], inner["locationType"] = self.location[1], self.location[0]
        error: dict[str, Any] = {"errors": [inner], "code": self.code, "message": self.message}
        if self.details or self.code == 401:
            error["status"] = STATUS[self.code]
        if self.details:
            error["details"] = self.details
        return {"error": error}


class OAuthError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, error: str, description: str, code: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.code = error, description, code

    def body(self, kind: str) -> dict[str, Any]:
        return {"error": self.error, "error_description": self.description}


def invalid(message: str) -> ApiError:
    """400: the request itself is wrong."""
    return ApiError(400, message)


def bad_field(field: str, description: str) -> ApiError:
    """400 as Sheets words a wrong mask: the sentence says nothing, the details say which field."""
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": field, "description": description}]}]
    return ApiError(400, "Request contains an invalid argument.", details=details)


def no_such_spreadsheet() -> ApiError:
    return ApiError(404, "Requested entity was not found.")


def no_permission() -> ApiError:
    return ApiError(403, "The caller does not have permission")


def no_such_file(file_id: str) -> ApiError:
    return ApiError(404, f"File not found: {file_id}.", "notFound", location=("parameter", "fileId"))


def may_not(file_id: str) -> ApiError:
    return ApiError(403, f"The user does not have sufficient permissions for file {file_id}.", "insufficientFilePermissions")


def wrong_parameter(name: str, message: str = "Invalid Value", reason: str = "invalid") -> ApiError:
    return ApiError(400, message, reason, location=("parameter", name))


def storage_exceeded() -> ApiError:
    return ApiError(403, "The user's Drive storage quota has been exceeded.", "storageQuotaExceeded", domain="usageLimits")
