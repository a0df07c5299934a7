"""What may be attached is told by what is in it: hostile files are refused, harmless ones not."""

import re
import struct
import zipfile
import zlib
from io import BytesIO

import pytest

from kb.attaching import errors, looking, pdf, pictures
from kb.models import Document
from tests.kb import attached
from tests.kb.attached import chunk, docx, jpeg, png, segment, stream, xlsx

Kind = Document.Kind
MOST = 1_000_000
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
LOSS = "挂失申请书：本人遗失下列凭证。\r\n签名：\t\r\n"
PRICES = "项目,收费标准\r\n跨行转账,-5%\r\n电话,+86 571 8888 0000\r\n"


def look(name: str, content: bytes) -> str:
    return looking.look(name, content, most=MOST).value


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("申请书.pdf", attached.pdf(), "pdf"),
        ("申请书.PDF", attached.pdf(stream(b"BT (x) Tj ET")), "pdf"),
        ("新版.pdf", attached.pdf(stream(b"<< /Type /Page >>", b"/Type /ObjStm")), "pdf"),
        ("图.png", png(), "png"),
        ("图.png", png(extra=chunk(b"tEXt", b"Title\0x")), "png"),
        ("照片.jpg", jpeg(), "jpg"),
        ("照片.jpeg", jpeg(), "jpg"),
        ("申请书.docx", docx(), "docx"),
        ("价目表.xlsx", xlsx(), "xlsx"),
        ("说明.txt", LOSS.encode(), "txt"),
        ("说明.txt", LOSS.encode("gb18030"), "txt"),
        ("说明.txt", "利率 < 3%，A<1".encode(), "txt"),
        ("价目表.csv", PRICES.encode("utf-8-sig"), "csv"),
    ],
)
def test_what_clerks_attach_is_taken_for_what_it_is(name, content, kind):
    assert look(name, content) == kind


@pytest.mark.parametrize("ending", ["pdf", "png", "jpg", "docx", "txt", "csv", "html", "svg"])
@pytest.mark.parametrize("content", [HTML, SVG, b"\n \xef\xbb\xbf" + HTML, b"x" + SVG])
def test_a_page_or_a_drawing_is_refused_whatever_it_is_called(ending, content):
    with pytest.raises(errors.UnknownKind):
        look(f"x.{ending}", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.png", attached.pdf()),
        ("x.pdf", png()),
        ("x.xlsx", docx()),
        ("x.docx.exe", docx()),
        ("x.pdf\u202efdp.exe", attached.pdf()),
        ("x.html", b"plain words"),
        ("x.js", b"alert(1)"),
        ("pdf.", attached.pdf()),
        ("x.pdf ", attached.pdf()),
    ],
)
def test_a_name_that_says_otherwise_is_refused(name, content):
    with pytest.raises(errors.NamedOtherwise):
        look(name, content)


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"MZ\x90\0\x03\0\0\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512,  # the old .doc, macros and all
        b"\x7fELF\x02\x01\x01\0",
        attached.zipped({"a.txt": "words"}),
        attached.zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}),
    ],
)
def test_other_kinds_are_refused(content):
    for ending in ("pdf", "png", "docx", "txt"):
        with pytest.raises(errors.FileRefused):
            look(f"x.{ending}", content)


def test_how_much_is_the_most_and_nothing_is_too_little():
    assert look("x.txt", b"x" * MOST) == "txt"
    with pytest.raises(errors.TooLarge):
        look("x.txt", b"x" * (MOST + 1))
    with pytest.raises(errors.Empty):
        look("x.txt", b"")


# -- two kinds at once -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.pdf", attached.pdf() + docx()),
        ("x.pdf", attached.pdf(head=b"%PDF-1.4\n%<script>alert(1)</script>\n")),
        ("x.pdf", b"\n" + attached.pdf()),
        ("x.pdf", attached.pdf(tail=HTML)),
        ("x.png", png() + docx()),
        ("x.png", png() + HTML),
        ("x.png", png(extra=chunk(b"tEXt", b"Title\0<script>alert(1)</script>"))),
        ("x.jpg", jpeg() + docx()),
        ("x.jpg", jpeg() + HTML),
        ("x.jpg", jpeg()[:2] + segment(0xFE, HTML) + jpeg()[2:]),
        ("x.docx", docx() + HTML),
        ("x.docx", docx() + attached.pdf()),
        ("x.docx", png() + docx()),
    ],
)
def test_a_file_that_is_two_things_is_refused(name, content):
    with pytest.raises(errors.FileRefused):
        look(name, content)


# -- PDF ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [
        b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        b"<< /S /J#61vaScript /JS (x) >>",
        b"<< /S /Launch /F (cmd.exe) >>",
        b"<< /S /SubmitForm /F (https://elsewhere.example) >>",
        b"<< /Type /Filespec /EF << /F 9 0 R >> /Names /EmbeddedFiles >>",
        b"<< /AcroForm << /XFA [ (a) 9 0 R ] >> >>",
        b"<< /S /GoToR /F (//elsewhere/x.pdf) >>",
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_pdf_that_runs_sends_or_carries_something_is_refused(action, packed):
    content = attached.pdf(stream(b"x" * 99 + action, b"/Type /ObjStm") if packed else action)
    with pytest.raises(errors.Active):
        look("x.pdf", content)


def test_what_lies_across_two_pieces_is_seen(monkeypatch):
    action = b" " * 40 + b"/JavaScript"
    for piece in range(1, 60):
        monkeypatch.setattr(pdf, "PIECE", piece)
        with pytest.raises(errors.Active):
            look("x.pdf", attached.pdf(stream(action)))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (attached.pdf(b"<< /Filter /Standard /Encrypt 5 0 R >>"), errors.Locked),
        (attached.pdf()[:-60], errors.Damaged),
        (attached.pdf().replace(b"startxref\n", b"startxref\n1"), errors.Damaged),
        (attached.pdf(head=b"%PDF-9.9\n"), errors.Damaged),
        (
            attached.pdf(b"<< /Type /ObjStm /Filter [/ASCII85Decode /FlateDecode] >>\nstream\n"),
            errors.Damaged,
        ),
        (attached.pdf(b"<< /Type /O#62jStm /Filter /L#5aW >>\nstream\n"), errors.Damaged),
    ],
)
def test_a_pdf_that_can_not_be_looked_into_is_refused(content, why):
    with pytest.raises(why):
        look("x.pdf", content)


def test_a_pdf_that_grows_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(pdf, "MOST_UNPACKED", 1_000_000)
    half = stream(b"\0" * 600_000)
    assert look("x.pdf", attached.pdf(half)) == "pdf"
    with pytest.raises(errors.UnpacksTooFar):
        look("x.pdf", attached.pdf(half, half))


# -- pictures ----------------------------------------------------------------------------------


def test_a_picture_has_so_many_pixels_and_all_of_them():
    with pytest.raises(errors.TooManyPixels):
        look("x.png", png(40_000, 40_000, pixels=b""))
    with pytest.raises(errors.TooManyPixels):
        look("x.jpg", jpeg(60_000, 60_000))
    for pixels in (b"", b"\0" * 7, b"\0" * 9, b"\0" * 10_000_000):  # it has 8
        with pytest.raises(errors.Damaged):
            look("x.png", png(pixels=pixels))
    assert look("x.png", png(pixels=b"\0" * 8)) == "png"


def test_an_interlaced_picture_has_its_pixels_in_seven_passes():
    def made(length: int) -> bytes:
        header = struct.pack(">IIBBBBB", 5, 5, 8, 2, 0, 0, 1)
        rows = chunk(b"IDAT", zlib.compress(b"\0" * length))
        return pictures.PNG + chunk(b"IHDR", header) + rows + chunk(b"IEND", b"")

    whole = sum(
        h * (1 + 3 * w) for w, h in ((1, 1), (1, 1), (2, 1), (1, 2), (3, 1), (2, 3), (5, 2))
    )
    assert look("x.png", made(whole)) == "png"
    with pytest.raises(errors.Damaged):
        look("x.png", made(whole + 1))


@pytest.mark.parametrize("spoilt", range(8, len(png()), 3))
def test_a_picture_with_a_wrong_byte_is_damaged(spoilt):
    content = bytearray(png())
    content[spoilt] ^= 0x10
    with pytest.raises(errors.FileRefused):
        look("x.png", bytes(content))


def test_a_jpeg_is_whole():
    for length in range(3, len(jpeg())):
        with pytest.raises(errors.FileRefused):
            look("x.jpg", jpeg()[:length])
    with pytest.raises(errors.Damaged):  # two pictures in one
        look("x.jpg", jpeg()[:-2] + jpeg()[2:])


# -- Word and Excel ----------------------------------------------------------------------------

OUTSIDE = (
    '<Relationships><Relationship Id="r9" Type="http://x/{kind}" Target="https://a>b.example/"'
    ' TargetMode="&#69;xternal"/></Relationships>'
)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"word__vbaProject_dot_bin": b"x"}, errors.Active),
        ({"word__VBAPROJECT_dot_BIN": b"x"}, errors.Active),
        ({"word__activeX__activeX1_dot_xml": "<x/>"}, errors.Active),
        ({"word__embeddings__oleObject1_dot_bin": b"x"}, errors.Active),
        ({"xl__macrosheets__sheet1_dot_xml": "<x/>"}, errors.Active),
        ({"xl__externalLinks__externalLink1_dot_xml": "<x/>"}, errors.Active),
        (
            {"word___rels__settings_dot_xml_dot_rels": OUTSIDE.format(kind="attachedTemplate")},
            errors.Active,
        ),
        (
            {"word__document_dot_xml": "<d><w:instrText>DD</w:instrText><w:r/>"
                                       "<w:instrText>E&#65;UTO c:\\x</w:instrText></d>"},
            errors.Active,
        ),
        ({"word__document_dot_xml": '<d><w:fldSimple w:instr="DDE x"/></d>'}, errors.Active),
        ({"word__document_dot_xml": "<!DOCTYPE x [<!ENTITY a 'a'>]><d/>"}, errors.Damaged),
        ({"word__document_dot_xml": "<d/>".encode("utf-16")}, errors.Damaged),
        ({"word___rels__document_dot_xml_dot_rels": "<Relationships>"}, errors.Damaged),
        ({"word__big_dot_xml": b"<x>" + b" " * 20_000_000}, errors.UnpacksTooFar),
    ],
)  # fmt: skip
def test_an_office_file_that_runs_or_fetches_something_is_refused(parts, why):
    with pytest.raises(why):
        look("x.docx", docx(**parts))


def test_a_link_that_a_reader_clicks_is_none_of_that():
    links = OUTSIDE.format(kind="hyperlink")
    assert look("x.docx", docx(word___rels__document_dot_xml_dot_rels=links)) == "docx"


def test_a_workbook_with_macros_is_refused_under_any_name():
    with zipfile.ZipFile(BytesIO(xlsx())) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    types = parts["[Content_Types].xml"]
    macro = re.sub(rb"[\w.-]+\.sheet\.main\+xml", b"ms-excel.sheet.macroEnabled.main+xml", types)
    assert macro != types
    with pytest.raises(errors.Active):
        look("x.xlsx", attached.zipped(parts | {"[Content_Types].xml": macro}))
    with pytest.raises(errors.Active):
        look("x.xlsx", attached.zipped(parts | {"xl/vbaProject.bin": b"x"}))
    assert look("x.xlsx", attached.zipped(parts)) == "xlsx"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a\\x", "WORD/document.xml"])
def test_a_zip_with_names_that_lead_elsewhere_or_come_twice_is_refused(name):
    content = BytesIO(docx())
    with zipfile.ZipFile(content, "a") as file:
        file.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(errors.Damaged):
        look("x.docx", content.getvalue())


@pytest.mark.parametrize("spoilt", ["locked", "commented", "cut", "wrong"])
def test_a_zip_that_is_locked_or_spoilt_is_refused(spoilt):
    content, why = bytearray(docx()), errors.Damaged
    if spoilt == "locked":
        content[content.rindex(b"PK\x01\x02") + 8] |= 1
        why = errors.Locked
    elif spoilt == "commented":
        content[-2:] = b"\x04\0"
        content += b"<a>x"
    elif spoilt == "cut":
        del content[-30:]
    else:
        content[content.index(b"document.xml", 200) + 20] ^= 0xFF
    with pytest.raises(why):
        look("x.docx", bytes(content))


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["=cmd|'/c calc'!A1", "@SUM(1)", "+1+cmd|x", "-2+3", " =1"])
def test_a_table_with_a_cell_that_a_spreadsheet_runs_is_refused(cell):
    with pytest.raises(errors.Active):
        look("x.csv", f'项目,"{cell}"\n'.encode())
    assert look("x.txt", f'项目,"{cell}"\n'.encode()) == "txt"  # nobody opens it as a table


@pytest.mark.parametrize("content", [b"ID;PWXL;N;E\r\nC;X1", b'a,"b\nc', b"a\0b", b"\x1b[2J"])
def test_a_table_that_is_something_else_is_refused(content):
    with pytest.raises(errors.FileRefused):
        look("x.csv", content)


# -- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("挂失申请书.pdf", "挂失申请书.pdf"),
        ("C:\\Users\\li\\价目 表.xlsx", "价目 表.xlsx"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("a\u202e\u200bb\r\nc.pdf", "abc.pdf"),
        ('a"<b>;.pdf', "ab;.pdf"),
        ("长" * 200 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_is_shown_without_what_misleads(name, shown):
    assert looking.shown(name) == shown
