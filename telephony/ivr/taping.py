"""Her message after the tone: said, heard again, said anew, until she is content with it."""

from typing import Any

from telephony import recordings
from telephony.ivr.call import Call
from telephony.ivr.signals import Back, HungUp, NoInput, WantsAgent

MOST_TAKES = 5
MOST_REVIEWS = 10  # she may hear it so often


async def record(call: Call, prompt: str, **values: Any) -> str:
    """Ask for a message by `prompt`; its file.

    It is kept too where she hangs up or asks for a person once she has said something: the next
    thing said or asked says so. Raises Back, also where she takes it back; HungUp and WantsAgent
    where she has said nothing; NoInput after three such times; NoRoom.
    """
    silent = 0
    for number in range(1, MOST_TAKES + 1):
        path = await call.run(recordings.place, call.uuid, number)
        await call.say(prompt, **values)
        if not await _said(call, path):
            await call.run(recordings.discard, path)
            call.preface("record.nothing")
            silent += 1
            if silent == call.tries:
                break
        elif await _is_content(call, path):
            return path
        else:
            await call.run(recordings.discard, path)
    raise NoInput


async def _said(call: Call, path: str) -> bool:
    """Whether there is something on the tape. Raises HungUp where there is nothing."""
    try:
        taped = await call.tape(path)
    except HungUp:
        if await call.run(recordings.seconds, path) < recordings.SHORTEST_S:
            await call.run(recordings.discard, path)
            raise
        return True
    spoken = await call.run(recordings.seconds, path) - taped.silent_s
    return spoken >= recordings.SHORTEST_S


async def _is_content(call: Call, path: str) -> bool:
    """False: she wants to say it anew. Silence sends it, as does whatever else she does."""
    try:
        for _ in range(MOST_REVIEWS):
            call.preface("record.review")
            match await call.key(allowed="123"):
                case "2":
                    await call.play_back(path)
                case "3":
                    return False
                case "1" | "":
                    break
    except HungUp:
        return True
    except WantsAgent:
        call.put_back("0")
    except Back:
        await call.run(recordings.discard, path)
        raise
    return True
