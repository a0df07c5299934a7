"""What the processes log: a JSON object a line, with the call that it is about."""

import asyncio
import json
import logging

from config.logs import JsonFormatter, call_id


def line(message: str = "收到 %s", *args: object, **extra: object) -> dict[str, object]:
    record = logging.LogRecord("telephony.worker", logging.WARNING, "", 1, message, args, None)
    vars(record).update(extra)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_what_a_line_holds():
    told = line("收到 %s", "1#\n2#")
    assert told.pop("at")
    assert told == {"level": "WARNING", "logger": "telephony.worker", "message": "收到 1#\n2#"}


def test_an_exception_is_told_in_its_line():
    fault = RuntimeError("线路断了")
    told = line("failed", exc_info=(type(fault), fault, None))
    assert told["exception"] == "RuntimeError: 线路断了"


async def test_each_call_logs_its_own_id():
    async def call(number: int) -> object:
        call_id.set(number)
        await asyncio.sleep(0)
        return line("hello")["call"]

    assert await asyncio.gather(call(7), call(8)) == [7, 8]
    assert "call" not in line("hello")


def test_who_speaks_of_a_call_names_it():
    assert line("hello", call=9)["call"] == 9
