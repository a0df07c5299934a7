"""PNG (ISO/IEC 15948) and JPEG (ITU-T T.81), looked through from the first byte to the last."""

import struct
import zlib
from collections.abc import Iterator

from kb.attaching.errors import Damaged, TooManyPixels

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
MOST_PIXELS = 40_000_000  # a page of A4 scanned at 600 dpi has 35 million
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the colour type


def _sized(width: int, height: int) -> None:
    if not width or not height:
        raise Damaged
    if width * height > MOST_PIXELS:
        raise TooManyPixels(pixels=width * height // 1_000_000, most=MOST_PIXELS // 1_000_000)


# -- PNG ---------------------------------------------------------------------------------------


def check_png(content: bytes) -> None:
    """Every chunk whole, the pixels all there, nothing behind the end. Raises FileRefused."""
    chunks = list(_chunks(content))
    names = [name for name, _data in chunks]
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or b"IDAT" not in names:
        raise Damaged
    header = chunks[0][1]
    if len(header) != 13 or names.count(b"IHDR") > 1 or names.count(b"IEND") > 1:
        raise Damaged
    width, height, depth, colour, _method, _filter, interlaced = struct.unpack(">IIBBBBB", header)
    if colour not in CHANNELS or depth not in (1, 2, 4, 8, 16) or interlaced > 1:
        raise Damaged
    _sized(width, height)
    bits = depth * CHANNELS[colour]
    if interlaced:
        passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                  (1, 0, 2, 2), (0, 1, 1, 2))  # fmt: skip
        sizes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in passes]
    else:
        sizes = [(width, height)]
    expected = sum(h * (1 + (w * bits + 7) // 8) for w, h in sizes if w > 0 and h > 0)
    _inflates_to(b"".join(data for name, data in chunks if name == b"IDAT"), expected)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at < len(content):
        if at + 12 > len(content):
            raise Damaged
        (length,), name = struct.unpack_from(">I", content, at), content[at + 4 : at + 8]
        end = at + 12 + length
        # A critical chunk that the standard does not know is not for us to pass on.
        known = name in (b"IHDR", b"PLTE", b"IDAT", b"IEND") or (name[0:1].islower())
        if end > len(content) or not name.isalpha() or not known:
            raise Damaged
        data = content[at + 8 : end - 4]
        if zlib.crc32(name + data) != struct.unpack_from(">I", content, end - 4)[0]:
            raise Damaged
        yield name, data
        at = end


def _inflates_to(packed: bytes, expected: int) -> None:
    """Never more than a piece of it in memory."""
    inflating, length = zlib.decompressobj(), 0
    try:
        while not inflating.eof:
            piece = inflating.decompress(packed, 1 << 20)
            length, packed = length + len(piece), inflating.unconsumed_tail
            if length > expected or (not piece and not packed):
                break
    except zlib.error:
        raise Damaged from None
    if length != expected or not inflating.eof or inflating.unused_data:
        raise Damaged


# -- JPEG --------------------------------------------------------------------------------------

FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: what browsers show
ALONE = {0x01, *range(0xD0, 0xD8)}  # without a length
END, SCAN = 0xD9, 0xDA


def check_jpeg(content: bytes) -> None:
    """Every segment whole, one frame, nothing behind the end. Raises FileRefused."""
    at, framed, scanned = 2, False, False
    while True:
        if content[at : at + 1] != b"\xff":
            raise Damaged
        while content[at : at + 1] == b"\xff":  # any number of them may fill up
            at += 1
        if at >= len(content):
            raise Damaged
        marker = content[at]
        at += 1
        if marker == END:
            break
        if marker in ALONE:
            continue
        if marker < 0xC0 or at + 2 > len(content):
            raise Damaged
        (length,) = struct.unpack_from(">H", content, at)
        if length < 2 or at + length > len(content):
            raise Damaged
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if framed or marker not in FRAMES or length < 8:
                raise Damaged
            height, width = struct.unpack_from(">HH", content, at + 3)
            _sized(width, height)
            framed = True
        at += length
        if marker == SCAN:
            at, scanned = _end_of_scan(content, at), True
    if not (framed and scanned) or at != len(content):
        raise Damaged


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker stands; within a scan FF is followed by 0 or a restart."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        after = content[at + 1]
        if after == 0 or 0xD0 <= after <= 0xD7:
            at += 2
        elif after == 0xFF:
            at += 1
        else:
            return at
    raise Damaged
