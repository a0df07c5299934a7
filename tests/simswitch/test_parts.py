"""The parts that the contract can't reach alone: words, lengths, and one call's fault."""

import struct
from pathlib import Path

import pytest

from telephony.simswitch import applications, causes
from telephony.simswitch.channel import MOST_COMMANDS, MOST_KEYS, Channel
from telephony.simswitch.clock import Stopped
from telephony.simswitch.leg import Msg
from telephony.simswitch.media import ENDLESS, Library, NoSuchFile
from telephony.simswitch.switch import Full, Switch
from telephony.simswitch.words import number, true, words
from tests.contracts import audio


class Silent:
    """A phone that remembers what it heard."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict]] = []

    def heard(self, channel: Channel, event: str, **what) -> None:
        self.told.append((event, what))


def execute(name: str, argument: str = "", lock: str = "true") -> Msg:
    return Msg(
        {
            "call-command": "execute",
            "execute-app-name": name,
            "execute-app-arg": argument,
            "event-lock": lock,
        }
    )


@pytest.mark.parametrize(
    ("text", "most", "wanted"),
    [
        ("a b c", 9, ["a", "b", "c"]),
        ("  a   b ", 9, ["a", "b"]),
        ("a '' c", 9, ["a", "", "c"]),
        ("a 'b c' d", 9, ["a", "b c", "d"]),
        ("a b c d", 2, ["a", "b c d"]),
        (r"a \d+ c", 9, ["a", r"\d+", "c"]),
        (r"a b\sc", 9, ["a", "b c"]),
        ("it's", 9, ["it's"]),
        ("", 9, []),
        ("' a '", 9, [" a "]),
    ],
)
def test_words(text: str, most: int, wanted: list[str]):
    assert words(text, most) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("12", 12), ("12x", 12), ("-3", -3), (" 7", 7), ("x", 0), ("", 0), ("9" * 40, 10**12 - 1)],
)
def test_numbers(text: str, wanted: int):
    assert number(text) == wanted


def test_truth():
    assert all(true(word) for word in ("true", "YES", "on", "t", "1", "42", "enabled"))
    assert not any(true(word) for word in (None, "", "0", "false", "no", "maybe"))


def test_causes():
    assert causes.named("user_busy") == "USER_BUSY"
    assert causes.named("17") == "USER_BUSY"
    assert causes.named("nonsense") == causes.named("9999") == "NORMAL_CLEARING"
    assert causes.q850("USER_BUSY") == 17
    assert causes.q850("ORIGINATOR_CANCEL") == 16


@pytest.mark.parametrize(
    ("argument", "seconds"),
    [
        ("short.wav", 0.4),
        ("short", 0.4),
        ("{vol=1}short.wav", 0.4),
        ("file_string://a.wav!b.wav", 1.45),
        ("file_string://a.wav!missing.wav", 0.85),
        ("silence_stream://1500,1400", 1.5),
        ("silence_stream://-1", ENDLESS),
        ("local_stream://moh", ENDLESS),
        ("tone_stream://%(500,100,1000)", 0.6),
        ("tone_stream://v=-7;%(100,0,941);%(100,0,697);loops=2", 0.4),
        ("tone_stream://%(1000,4000,450);loops=-1", ENDLESS),
    ],
)
def test_how_long_audio_lasts(prompts: Path, argument: str, seconds: float):
    assert Library(prompts).audio(argument).seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    "argument",
    ["missing.wav", "silence_stream://x", "tone_stream://", "file_string://x!y", "http://x/y.wav"],
)
def test_audio_that_is_none(prompts: Path, argument: str):
    with pytest.raises(NoSuchFile):
        Library(prompts).audio(argument)


def test_headers_of_every_kind(tmp_path: Path):
    (tmp_path / "raw.PCMA").write_bytes(b"\xd5" * 4000)
    listed = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # an odd chunk and its padding
    pcm = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    body = b"WAVE" + listed + b"fmt " + struct.pack("<I", 16) + pcm
    body += b"data" + struct.pack("<I", 0xFFFFFFFF) + b"\0" * 8000  # a length that a crash left
    (tmp_path / "odd.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    (tmp_path / "text.wav").write_text("this is no audio")
    (tmp_path / "cut.wav").write_bytes(b"RIFF\0\0\0\0WAVEfmt ")
    library = Library(tmp_path)

    assert library.audio("raw.PCMA").seconds == 0.5
    assert library.audio("odd.wav").seconds == 0.5
    for broken in ("text.wav", "cut.wav"):
        with pytest.raises(NoSuchFile):
            library.audio(broken)


def test_a_file_that_is_replaced_is_measured_again(tmp_path: Path):
    library = Library(tmp_path)
    audio.write(tmp_path / "notice.wav", 500)
    assert library.audio("notice.wav").seconds == 0.5

    audio.write(tmp_path / "notice.wav", 900)
    assert library.audio("notice.wav").seconds == 0.9


def test_an_empty_file_does_not_stop_the_clock(switch: Switch, tmp_path: Path):
    audio.write(tmp_path / "empty.wav", 0)
    channel = switch.dial(Silent(), "961202", "")
    switch.run()
    channel.tell(execute("endless_playback", str(tmp_path / "empty.wav")))

    switch.run()

    assert channel.stack == ["endless_playback"] * 2
    assert switch.clock.next_at() == pytest.approx(switch.now() + 0.02)


def test_a_call_may_end_in_the_moment_in_which_it_is_held(switch: Switch):
    phone = Silent()
    channel = switch.dial(phone, "961202", "")
    switch.run()

    channel.hang_up(by="phone")
    switch.run()

    assert phone.told[-1] == ("hangup", {"cause": "NORMAL_CLEARING", "by": "phone"})
    assert channel.ended


def test_one_call_that_breaks_takes_no_other_with_it(
    switch: Switch, monkeypatch: pytest.MonkeyPatch
):
    async def boom(channel: Channel, argument: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(applications.BY_NAME, "boom", boom)
    phone = Silent()
    first, second = switch.dial(phone, "961202", "1"), switch.dial(Silent(), "961202", "2")
    switch.run()

    first.tell(execute("boom"))
    switch.run()

    assert phone.told[-1] == ("hangup", {"cause": "CRASH", "by": "bank"})
    assert switch.find(first.uuid) is None
    assert second.idle


def test_a_number_that_the_bank_has_not(switch: Switch):
    phone = Silent()
    switch.dial(phone, "110", "1")
    switch.run()
    assert phone.told[-1] == ("hangup", {"cause": "NO_ROUTE_DESTINATION", "by": "bank"})
    assert not switch.channels


def test_what_waits_is_bounded(switch: Switch):
    channel = switch.dial(Silent(), "961202", "")
    switch.run()
    channel.tell(execute("playback", "long.wav"))
    switch.run()
    taken = sum(channel.tell(execute("set", "a=b")) for _ in range(MOST_COMMANDS + 10))
    assert taken == MOST_COMMANDS
    for _ in range(MOST_KEYS + 10):
        channel.key("5")
    assert len(channel.keys) == MOST_KEYS


def test_commands_nest_only_so_deep(switch: Switch):
    channel = switch.dial(Silent(), "961202", "")
    switch.run()
    for _ in range(100):
        channel.tell(execute("playback", "long.wav", lock="false"))
        switch.run()
    assert len(channel.stack) == 32


def test_a_full_switch_says_so(switch: Switch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("telephony.simswitch.switch.MOST_CHANNELS", 3)
    for _ in range(3):
        switch.dial(Silent(), "961202", "")
        switch.run()
    with pytest.raises(Full):
        switch.dial(Silent(), "961202", "")


def test_a_thousand_calls_are_cheap(switch: Switch):
    """Five prompts each, all at once: bounded by the work, not by the clock."""
    import time
    import tracemalloc

    began = time.process_time()
    calls = [switch.dial(Silent(), "961202", str(n)) for n in range(1000)]
    switch.run()
    for channel in calls:
        switch.tasks.drop(channel.uuid)
        for _ in range(5):
            channel.tell(execute("playback", "short.wav"))
    switch.run()
    while (at := switch.clock.next_at()) is not None:
        assert isinstance(switch.clock, Stopped)
        switch.clock.move(at)
        switch.run()
    assert all(channel.idle for channel in calls)
    assert time.process_time() - began < 10
    tracemalloc.start()
    kept = [switch.dial(Silent(), "961202", str(n)) for n in range(100)]
    switch.run()
    assert tracemalloc.get_traced_memory()[0] / len(kept) < 40_000  # bytes a held call
    tracemalloc.stop()
