"""Sheets of articles as bytes: what Excel and others write, what must not be opened, and back."""

import zipfile
from datetime import datetime
from io import BytesIO

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from calendars.clock import SHANGHAI
from kb.models import Article, ArticleVersion, Category
from kb.sheets import columns, files, writing
from kb.sheets.columns import COLUMNS
from kb.sheets.writing import Kind
from kb.texts import Text
from people.models import User

HEAD = ("编号", "标准问")


def excel(*lines: list[object]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def cells(content: bytes) -> list[dict[str, str]]:
    return [dict(row.cells) for row in files.read(content)]


# -- in ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_as_it_is_saved_in_china(encoding, delimiter):
    content = delimiter.join(HEAD) + "\n" + delimiter.join(("a", '"一行\n两行"')) + "\n\n\n"
    (row,) = files.read(content.encode(encoding))
    assert (row.number, row.cells) == (2, {"key": "a", "question": "一行\n两行"})


def test_excel_with_dates_numbers_and_formulas_in_its_cells():
    starts = datetime(2026, 12, 1, 8, 0)  # as a cell has it
    content = excel(
        ["key", "question", "reverify days", "starts", "public", "answer"],
        [],
        [7, 95588, 30.0, starts, True, "=HYPERLINK(1)"],
    )
    (row,) = files.read(content)
    assert (row.number, row.formulas) == (3, ("answer",))
    values, faults = columns.read(row)
    assert [fault.column for fault in faults] == ["answer"]
    assert values == {
        **{"key": "7", "question": "95588", "reverify_days": 30, "public": True},
        "starts_at": starts.replace(tzinfo=SHANGHAI),
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xd0\xcf\x11\xe0 an old .xls", files.NotRead),
        (b"\xff\xfek\0e\0y\0", files.NotRead),
        (b'key,question\n"a', files.NotRead),
        ("编号".encode() + b"\xff\xff", files.NotRead),
        (b"PK\x03\x04 and nothing", files.NotRead),
        (b"question\nx", files.NoHeading),
        (b"key,color\na,b", files.UnknownHeading),
        (b"key,question,question\na,b,c", files.HeadingTwice),
        (b"key,question\n,\n", files.NothingIn),
        (b"", files.NoHeading),
        (b"key\n" + b"a\n" * (files.MOST_ROWS + 1), files.TooManyRows),
        (b"key\n" + b"a" * files.MOST_BYTES, files.TooLarge),
    ],
)
def test_what_is_no_sheet_of_articles_is_refused_whole(content, why):
    with pytest.raises(why):
        files.read(content)


@pytest.mark.parametrize(("at", "value"), [(6, 1), (8, 99)], ids=["locked", "packed oddly"])
def test_a_zip_that_nobody_here_can_unpack_is_said_so(at, value):
    """Flags and method of each part, in its own head (at) and in the list of parts (two on)."""
    content = bytearray(excel(HEAD, ["a", "b"]))
    for mark, place in ((b"PK\x03\x04", at), (b"PK\x01\x02", at + 2)):
        found = content.find(mark)
        while found >= 0:
            content[found + place] = value
            found = content.find(mark, found + 4)
    with pytest.raises(files.NotRead):
        files.read(bytes(content))


def packed(**parts: bytes) -> bytes:
    kept = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(excel(HEAD, ["a", "b"]))) as whole,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in whole.namelist():
            made.writestr(
                name, parts.get(name.rpartition("/")[2].partition(".")[0], whole.read(name))
            )
    return kept.getvalue()


def test_a_zip_that_grows_and_a_sheet_that_claims_too_much():
    assert cells(packed()) == [{"key": "a", "question": "b"}]  # the control
    with pytest.raises(files.TooLarge):
        files.read(packed(styles=b" " * (files.MOST_UNPACKED + 1)))
    doctype = b'<!DOCTYPE a [<!ENTITY b "b">]><worksheet/>'
    for sheet in (doctype, b"<worksheet", b"<a/>"):
        with pytest.raises(files.FileRefused):
            files.read(packed(sheet1=sheet))
    far = packed(
        sheet1=b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'
        b"</worksheet>"
    )
    with pytest.raises(files.FileRefused):
        files.read(far)


# -- out, and in again -------------------------------------------------------------------------

letters = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n=+-@'|｜_x0041\t")
words = st.text(letters, max_size=40).map(lambda said: said.strip())
whole = words.filter(bool)
entry = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), include_characters="=+-@'|｜"),
    min_size=1,
    max_size=15,
).map(str.strip).filter(bool)  # fmt: skip
moments = st.datetimes(
    datetime(2000, 1, 1),
    datetime(2099, 12, 31),
    timezones=st.just(SHANGHAI),
)
wordings = st.builds(
    Text,
    question=whole,
    spoken=whole,
    answer=whole,
    source=whole,
    **{name: st.lists(entry, max_size=3).map(tuple) for name in ("phrasings", "steps", "keywords")},
    customers=st.sampled_from(ArticleVersion.Customers.values),
    branches=st.just(()),
    services=st.just(("balance",)),
    public=st.booleans(),
    reverify_days=st.integers(1, 730),
    starts_at=st.none() | moments,
    expires_at=st.none() | moments,
)


def version(text: Text) -> ArticleVersion:
    category = Category(code="deposits", name="存款", name_en="Deposits")
    article = Article(key="a-1", category=category, owner=User(username="1003"))
    made = ArticleVersion(article=article, number=1)
    text.put(made)
    return made


@pytest.mark.parametrize("kind", Kind)
@given(text=wordings, language=st.sampled_from(["zh-hans", "en"]))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_was_exported_is_read_as_it_was(kind, text, language):
    with override(language):
        content = writing.write(kind, [columns.written(version(text))])
    (row,) = files.read(content)
    values, faults = columns.read(row)
    assert faults == []
    assert (values.pop("key"), values.pop("owner")) == ("a-1", "1003")
    assert values.pop("category") in ("存款", "Deposits")
    assert Text(**values) == text


@pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1"])
def test_no_spreadsheet_runs_what_an_article_says(begins):
    text = Text(question=begins, spoken="b", answer="c", source="d")
    lines = writing.write(Kind.CSV, [columns.written(version(text))]).decode("utf-8-sig")
    assert f",'{begins}," in lines.splitlines()[1]
    sheet = load_workbook(
        BytesIO(writing.write(Kind.XLSX, [columns.written(version(text))]))
    ).active
    cell = sheet.cell(2, COLUMNS.index("question") + 1)
    assert (cell.value, cell.data_type, cell.quotePrefix) == (begins, "s", True)
