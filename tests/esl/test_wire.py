"""The wire: hostile bytes, and the two pure ends against each other."""

import pickle
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telephony.esl.errors import ProtocolError, Unsendable
from telephony.esl.server_wire import (
    AUTH_REQUEST,
    ServerParser,
    encode_api_response,
    encode_disconnect,
    encode_event,
    encode_reply,
)
from telephony.esl.wire import Event, Frame, Parser, bgapi, command, sendmsg
from tests.esl.rude import REJECTION

EXECUTED = {
    "Event-Name": "CHANNEL_EXECUTE_COMPLETE",
    "Unique-ID": "5d1c7e0c-1f4f-4c0e-9a55-0e6f2a3c9b11",
    "Application-UUID": "ab12-1",
    "Caller-Destination-Number": "961202",
    "variable_digits": "",
    "variable_sip_from_display": "王芳: 100%\nUnique-ID: forged",
}


def only(frames: list[Frame]) -> Frame:
    [frame] = frames
    return frame


def cut(stream: bytes, cuts: list[int]) -> list[bytes]:
    """`stream` in pieces that end where `cuts` say, modulo its length."""
    ends = sorted({c % (len(stream) + 1) for c in cuts} | {len(stream)})
    return [stream[a:b] for a, b in zip([0, *ends], ends, strict=False)]


class TestFrames:
    def test_a_greeting_has_no_body(self):
        frame = only(Parser().feed(AUTH_REQUEST))
        assert (frame.content_type, frame.body) == ("auth/request", b"")

    def test_a_reply_carries_its_text_and_more_headers(self):
        frame = only(Parser().feed(encode_reply("+OK Job-UUID: 7", Job_UUID="7")))
        assert frame.reply == "+OK Job-UUID: 7"
        assert frame.headers["job-uuid"] == "7"
        assert frame.ok

    @pytest.mark.parametrize(
        "refusal", [encode_reply("-ERR invalid"), encode_api_response("-ERR no such channel")]
    )
    def test_a_refusal_is_known_in_reply_and_body(self, refusal):
        assert not only(Parser().feed(refusal)).ok

    def test_an_empty_api_result_is_said_so(self):
        assert only(Parser().feed(encode_api_response(""))).text == "-ERR no reply\n"

    def test_frames_in_one_read_come_apart(self):
        stream = encode_reply("+OK") + encode_event(EXECUTED) + encode_disconnect()
        types = [frame.content_type for frame in Parser().feed(stream)]
        assert types == ["command/reply", "text/event-plain", "text/disconnect-notice"]

    def test_a_blank_line_in_a_body_ends_nothing(self):
        assert only(Parser().feed(encode_api_response("a\n\nb\n\n"))).text == "a\n\nb\n\n"

    def test_stray_line_breaks_between_frames_are_skipped(self):
        # A Reply-Text that ends in a line break leaves one behind.
        assert len(Parser().feed(b"\n" + encode_reply("+OK") + b"\n\n" + encode_reply("+OK"))) == 2

    def test_an_unknown_type_is_a_frame_like_others(self):
        frame = only(Parser().feed(b"Content-Type: text/surprise\nContent-Length: 2\n\nhi"))
        assert (frame.content_type, frame.text) == ("text/surprise", "hi")

    def test_a_frame_without_a_type_is_a_frame(self):
        assert only(Parser().feed(b"Content-Length: 0\n\n")).content_type == ""

    def test_bytes_that_are_no_text_are_replaced(self):
        frame = only(Parser().feed(b"Content-Type: api/response\nContent-Length: 3\n\na\xff\xfe"))
        assert frame.text == "a��"
        assert only(Parser().feed(b"Content-Type: \xff\n\n")).content_type == "�"

    def test_nothing_secret_shows_in_a_repr(self):
        frame = only(Parser().feed(encode_event({"Event-Name": "DTMF", "variable_pin": "135790"})))
        assert "135790" not in repr(frame) + repr(Event(frame.body))

    def test_a_frame_is_a_value(self):
        frame = only(Parser().feed(encode_reply("+OK")))
        assert pickle.loads(pickle.dumps(frame)) == frame


class TestHostileFrames:
    @pytest.mark.parametrize(
        "length",
        [b"-1", b"-0", b"+5", b"1_0", b"0x10", b"5 5", b"", b"x", b"\xd9\xa1", b"1" * 5000, b"1e3"],
    )
    def test_a_length_that_is_no_number_is_refused(self, length):
        with pytest.raises(ProtocolError):
            Parser().feed(b"Content-Type: api/response\nContent-Length: " + length + b"\n\n")

    def test_a_body_over_the_limit_is_refused_before_it_comes(self):
        with pytest.raises(ProtocolError, match="longer than 10 bytes"):
            Parser(max_body=10).feed(b"Content-Length: 11\n\n")
        assert len(Parser(max_body=10).feed(b"Content-Length: 10\n\n0123456789")) == 1

    @pytest.mark.parametrize("ended", [b"", b"\n\n"])
    def test_a_header_block_over_the_limit_is_refused(self, ended):
        with pytest.raises(ProtocolError, match="longer than 20 bytes"):
            Parser(max_header=20).feed(b"Content-Type: " + b"a" * 7 + ended)
        assert len(Parser(max_header=20).feed(b"Content-Type: " + b"a" * 6 + b"\n\n")) == 1

    def test_endless_headers_hold_no_more_than_the_limit(self):
        parser = Parser(max_header=1000)
        with pytest.raises(ProtocolError):
            for _ in range(1002):
                parser.feed(b"a")
                assert parser.pending <= 1000
        assert parser.pending == 0

    def test_a_line_without_a_colon_is_refused(self):
        with pytest.raises(ProtocolError, match="no colon"):
            Parser().feed(b"HTTP/1.1 400 Bad Request\n\n")

    def test_two_lengths_that_disagree_are_refused(self):
        with pytest.raises(ProtocolError, match="disagree"):
            Parser().feed(b"Content-Length: 1\ncontent-length: 2\n\nab")
        assert len(Parser().feed(b"Content-Length: 1\ncontent-length: 1\n\na")) == 1

    def test_what_came_whole_before_the_damage_is_kept(self):
        with pytest.raises(ProtocolError) as refusal:
            Parser().feed(encode_reply("+OK") + b"garbage\n\n")
        assert [frame.reply for frame in refusal.value.frames] == ["+OK"]

    def test_after_the_damage_nothing_is_believed(self):
        parser = Parser()
        with pytest.raises(ProtocolError):
            parser.feed(b"garbage\n\n")
        with pytest.raises(ProtocolError):
            parser.feed(encode_reply("+OK"))

    def test_a_truncated_frame_waits_and_shows(self):
        parser = Parser()
        stream = encode_event(EXECUTED)
        assert parser.feed(stream[:-1]) == []
        assert parser.pending == len(stream) - 1
        assert len(parser.feed(stream[-1:])) == 1
        assert parser.pending == 0

    def test_a_large_body_in_small_reads_costs_its_size_once(self):
        # A parser that joins again at every read would copy 8 GB here.
        parser, body = Parser(), b"x" * (16 * 1024 * 1024)
        tracemalloc.start()
        try:
            parser.feed(b"Content-Type: api/response\nContent-Length: %d\n\n" % len(body))
            frames = [f for i in range(0, len(body), 16384) for f in parser.feed(body[i:][:16384])]
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert only(frames).body == body
        assert peak < 5 * len(body)


class TestEvents:
    def event(self, headers=EXECUTED, body=""):
        return Event(only(Parser().feed(encode_event(headers, body))).body)

    def test_headers_are_found_and_unquoted(self):
        event = self.event()
        assert event.name == "CHANNEL_EXECUTE_COMPLETE"
        assert dict(event.items()) == EXECUTED

    def test_a_line_break_in_a_value_overwrites_nothing(self):
        event = self.event()
        assert event["Unique-ID"] == EXECUTED["Unique-ID"]
        assert event["variable_sip_from_display"] == "王芳: 100%\nUnique-ID: forged"

    def test_of_two_headers_with_one_name_the_first_counts(self):
        event = self.event([("Event-Name", "X"), ("Unique-ID", "real"), ("Unique-ID", "forged")])
        assert event["Unique-ID"] == "real"
        assert [value for _, value in event.items()] == ["X", "real", "forged"]

    def test_a_name_inside_another_name_or_value_is_not_found(self):
        event = self.event({"Event-Name": "X", "Other-Leg-Unique-ID": "b", "note": "Unique-ID: c"})
        assert event.get("Unique-ID", "none") == "none"
        assert "Unique-ID" not in event
        with pytest.raises(KeyError):
            event["Unique-ID"]

    def test_a_body_is_apart_from_the_headers(self):
        event = self.event({"Event-Name": "BACKGROUND_JOB"}, "+OK\n\nUnique-ID: in the body\n")
        assert event.body == "+OK\n\nUnique-ID: in the body\n"
        assert "Unique-ID" not in event
        assert self.event().body == ""
        assert self.event({"Event-Name": "X"}, "a\n\nUnique-ID: b\n\n").body.endswith("b\n\n")
        assert "Unique-ID" not in self.event({"Event-Name": "X"}, "a\n\nUnique-ID: b\n\n")

    def test_a_percent_sign_that_was_meant_stays(self):
        assert self.event({"Event-Name": "X", "variable_a": "%41 100%"})["variable_a"] == "%41 100%"

    def test_an_empty_value_reads_as_empty(self):
        assert self.event()["variable_digits"] == ""

    def test_bytes_that_are_no_text_are_replaced(self):
        event = Event(b"Event-Name: X\nvariable_a: %FF%E7%8E%8B\nvariable_b: \xff\n\n\xfe")
        assert (event["variable_a"], event["variable_b"], event.body) == ("�王", "�", "�")

    @pytest.mark.parametrize("value", ["%", "%4", "%zz", "%%41"])
    def test_broken_quoting_is_left_as_it_is(self, value):
        assert Event(b"a: " + value.encode() + b"\n\n")["a"] == value.replace("%41", "A")

    @pytest.mark.parametrize("raw", [b"", b"\n", b"\n\n", b":", b"a", b"a:\n\n", b"Event-Name"])
    def test_a_mangled_event_has_no_name_and_harms_nobody(self, raw):
        event = Event(raw)
        assert (event.name, event.get("Unique-ID")) == ("", "")
        assert list(event.items()) == []
        assert isinstance(event.body, str)


class TestCommands:
    def test_a_message_carries_its_argument_in_the_body(self):
        [sent] = ServerParser().feed(
            sendmsg("5d1c", "play_and_get_digits", "1 6 名 \\d+", event_uuid="ab12-1")
        )
        assert (sent.verb, sent.rest, sent.body) == ("sendmsg", "5d1c", "1 6 名 \\d+")
        assert sent.headers == {
            "call-command": "execute",
            "execute-app-name": "play_and_get_digits",
            "event-uuid": "ab12-1",
            "event-lock": "true",
            "content-type": "text/plain",
            "content-length": str(len("1 6 名 \\d+".encode())),
        }

    def test_a_message_without_argument_or_lock_is_short(self):
        [sent] = ServerParser().feed(sendmsg("5d1c", "break", lock=False))
        assert set(sent.headers) == {"call-command", "execute-app-name"}

    def test_a_job_names_its_uuid(self):
        [sent] = ServerParser().feed(bgapi("originate user/1 &park", "77"))
        assert (sent.verb, sent.rest) == ("bgapi", "originate user/1 &park")
        assert sent.headers == {"job-uuid": "77"}

    @pytest.mark.parametrize("poison", ["a\nb", "a\rb", "a\0b", "\n", "a\n\nexit", "\ud800"])
    @pytest.mark.parametrize(
        "encode",
        [
            command,
            lambda text: bgapi(text, "77"),
            lambda text: bgapi("status", text),
            lambda text: sendmsg(text, "break"),
            lambda text: sendmsg("5d1c", text),
            lambda text: sendmsg("5d1c", "set", text),
            lambda text: sendmsg("5d1c", "set", "a=b", event_uuid=text),
        ],
    )
    def test_nothing_that_breaks_the_wire_is_sent(self, encode, poison):
        with pytest.raises(Unsendable) as refusal:
            encode(poison)
        assert isinstance(refusal.value, ValueError)

    @pytest.mark.parametrize("nothing", ["", " ", "\t "])
    def test_an_empty_command_is_not_sent_for_it_has_no_reply(self, nothing):
        for encode in (command, lambda text: sendmsg(text, "x"), lambda text: sendmsg("x", text)):
            with pytest.raises(Unsendable):
                encode(nothing)

    def test_a_refusal_does_not_repeat_a_secret(self):
        for poison in ("135790\n", "135790\ud800"):
            with pytest.raises(Unsendable) as refusal:
                sendmsg("5d1c", "set", poison)
            assert "135790" not in str(refusal.value)
            assert refusal.value.__cause__ is None
            assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


class TestServerEnd:
    def test_lines_may_end_as_telnet_ends_them(self):
        [first, second] = ServerParser().feed(
            b"\r\n\r\napi status\r\n\r\nsendmsg a\r\ncall-command: hangup\r\n\r\n"
        )
        assert first.line == "api status"
        assert second.headers == {"call-command": "hangup"}

    @pytest.mark.parametrize("length", [b"-1", b"x", b"\xd9\xa1", b"9" * 30, b"17"])
    def test_a_bad_length_is_refused(self, length):
        with pytest.raises(ProtocolError):
            ServerParser(max_body=16).feed(b"sendmsg a\ncontent-length: " + length + b"\n\n")

    def test_an_endless_command_is_refused(self):
        parser = ServerParser(max_header=100)
        assert parser.feed(b"a" * 100) == []
        with pytest.raises(ProtocolError):
            parser.feed(b"a")

    def test_replies_stay_on_their_line(self):
        stream = encode_reply("-ERR invalid session id [a\n\nb]") + REJECTION
        reply, rejection = Parser().feed(stream)
        assert reply.reply == "-ERR invalid session id [a  b]"
        assert rejection.content_type == "text/rude-rejection"


names = st.text(
    st.characters(codec="ascii", categories=["L", "N"], include_characters="-_"), min_size=1
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
streams = st.lists(
    st.one_of(
        st.builds(encode_reply, texts),
        st.builds(encode_api_response, texts),
        st.builds(encode_event, st.dictionaries(names, texts), texts),
        st.just(AUTH_REQUEST),
        st.builds(encode_disconnect, texts),
    ),
    max_size=8,
).map(b"".join)
cuts = st.lists(st.integers(min_value=0, max_value=1 << 20), max_size=12)
# Garbage made of what the parser looks for reaches further in than random bytes do.
garbage = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from(
            [b"\n", b"\n\n", b":", b"Content-Length:", b"Content-Length: ", b"Content-Type: ",
             b"text/event-plain", b"-1", b"3", b"99999999999999999999", b"%0A", b"\r\n", b"\x00"]
        ),
        streams,
    ),
    max_size=12,
).map(b"".join)  # fmt: skip


@given(streams, cuts)
def test_any_cut_of_a_stream_gives_the_same_frames(stream, cuts):
    whole = Parser().feed(stream)
    parser = Parser()
    assert [f for piece in cut(stream, cuts) for f in parser.feed(piece)] == whole
    assert parser.pending == 0


@given(garbage, cuts)
@example(b"Content-Length: 3\n\n", [])
@example(b"a: b\n\n\n\n\n", [4, 5, 6])
def test_garbage_gives_frames_or_a_protocol_error_and_stays_small(stream, cuts):
    def read(pieces):
        """What a client gets: frames, and how it ended."""
        parser, got = Parser(max_header=200, max_body=300), []
        for piece in pieces:
            try:
                frames = parser.feed(piece)
            except ProtocolError as bad:
                return [*got, *bad.frames], str(bad)
            got += frames
            assert parser.pending <= 200 + 2 + 300
        return got, ""

    frames, end = read([stream])
    assert read(cut(stream, cuts)) == (frames, end)
    assert read([bytes([b]) for b in stream]) == (frames, end)
    for frame in frames:
        event = Event(frame.body)
        assert all(event[name] is not None for name, _ in event.items())
        assert isinstance((event.name, event.body, frame.reply, frame.text, frame.ok), tuple)


@given(st.dictionaries(names, texts, min_size=1), texts)
def test_an_event_reads_as_it_was_written(headers, body):
    event = Event(only(Parser().feed(encode_event(headers, body))).body)
    written = dict(event.items())
    if body:
        headers = {**headers, "Content-Length": str(len(body.encode()))}
    undefined = {name: value for name, value in headers.items() if value == "_undef_"}
    assert written == {**headers, **dict.fromkeys(undefined, "")}
    assert all(event[name] == value for name, value in written.items())
    assert event.body == body


@given(st.lists(st.tuples(texts, texts, texts), max_size=5), cuts)
def test_commands_arrive_as_sent_or_are_not_sent(messages, cuts):
    sent, stream = [], b""
    for uuid, application, argument in messages:
        try:
            stream += sendmsg(uuid, application, argument)
        except Unsendable:
            continue
        sent.append((uuid.strip(), application.strip(), argument))
    parser = ServerParser()
    got = [c for piece in cut(stream, cuts) for c in parser.feed(piece)]
    assert [(c.rest, c.headers["execute-app-name"], c.body) for c in got] == sent


@given(garbage, cuts)
def test_garbage_gives_the_server_commands_or_a_protocol_error(stream, cuts):
    def read(pieces):
        parser, got = ServerParser(max_header=200, max_body=300), []
        try:
            for piece in pieces:
                got += parser.feed(piece)
        except ProtocolError:
            return "refused"
        return got

    assert read(cut(stream, cuts)) == read([stream])
