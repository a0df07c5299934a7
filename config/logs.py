"""Logs as JSON lines, each with the id of the call it speaks of."""

import json
import logging
from contextvars import ContextVar

call_id: ContextVar[int | None] = ContextVar("call_id", default=None)


class JsonFormatter(logging.Formatter):
    """One object a line: at, level, logger, message, call (if any), exception (if any)."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if call := getattr(record, "call", None) or call_id.get():
            entry["call"] = call
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
