"""What kind of bytes a file is: refused at once, or text in an encoding that is known or asked for.

Nothing here parses a table. The whole file is looked at once, block by block: its hash, whether it
is valid UTF-8, whether it holds bytes that no text has.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from typing import BinaryIO

from conflictmap.errors import IncidentFileError
from conflictmap.ingest.model import Answers, Question

BLOCK_BYTES = 2**20
SAMPLE_BYTES = 8 * 2**20  # what encoding, delimiter and header are proposed from
LONGEST_LINE_BYTES = 32 * 2**20

_MAGIC = (
    (b"\x1f\x8b", "is packed with gzip. Unpack it and upload the CSV."),
    (b"BZh", "is packed with bzip2. Unpack it and upload the CSV."),
    (b"\xfd7zXZ", "is packed with xz. Unpack it and upload the CSV."),
    (b"\x28\xb5\x2f\xfd", "is packed with zstandard. Unpack it and upload the CSV."),
    (b"7z\xbc\xaf", "is a 7-Zip archive. Unpack it and upload the CSV."),
    (b"Rar!", "is a RAR archive. Unpack it and upload the CSV."),
    (
        b"\xd0\xcf\x11\xe0",
        "is an old Excel workbook (.xls) or has a password. Save it as .xlsx without a password, "
        "or as CSV.",
    ),
    (b"%PDF", "is a PDF. Upload the table as CSV or .xlsx."),
    (b"\x89PNG", "is a picture. Upload the table as CSV or .xlsx."),
    (b"\xff\xd8\xff", "is a picture. Upload the table as CSV or .xlsx."),
    (b"GIF8", "is a picture. Upload the table as CSV or .xlsx."),
    (b"SQLite format 3", "is a database file. Export the table as CSV."),
    (b"PAR1", "is a Parquet file. Export the table as CSV."),
    (b"{\\rtf", "is a text document. Upload the table as CSV or .xlsx."),
    (b"\xff\xfe\x00\x00", "is in UTF-32. Save it as UTF-8."),
    (b"\x00\x00\xfe\xff", "is in UTF-32. Save it as UTF-8."),
)
_WORDS = {
    "utf-8": "UTF-8; rows with bytes that are no UTF-8 are set aside",
    "cp1252": "Windows-1252 (Western European)",
    "cp1256": "Windows-1256 (Arabic script: Dari, Pashto)",
    "utf-16-le": "UTF-16, little endian",
    "utf-16-be": "UTF-16, big endian",
}


def _continuations(codec: str) -> str:
    """Return the characters that a codec makes of the second byte of a UTF-8 letter."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in range(128, 192))


_WEST, _ARABIC = re.escape(_continuations("cp1252")), re.escape(_continuations("cp1256"))
_MOJIBAKE = re.compile(f"[ÃØÙÚÛ][{_WEST}]|â[{_WEST}]{{2}}|(?:[طظ][{_ARABIC}]){{3,}}")
_MOJIBAKE_MARKS = tuple(mark.encode() for mark in "ÃØÙÚÛâطظ")


@dataclass(frozen=True)
class Survey:
    """What one look at all bytes of a file shows."""

    sha256: str
    size: int
    sample: bytes  # the first `SAMPLE_BYTES`
    first_nul: int  # where the first NUL byte is; -1: none
    is_utf8: bool
    mojibake: int  # places where UTF-8 had been read as another encoding before
    lost: int  # replacement characters

    @property
    def is_whole(self) -> bool:
        """Return whether the sample is the whole file."""
        return self.size == len(self.sample)


@dataclass(frozen=True)
class Encoding:
    """How the bytes become text; the question is open until the analyst answers it."""

    name: str
    errors: str = "strict"  # "surrogateescape" marks the bytes that are no UTF-8
    question: Question | None = None


def refusal(label: str, sentence: str) -> IncidentFileError:
    """Return the error for a file that cannot be used, in one sentence or two."""
    return IncidentFileError(f"{label}: the file {sentence}")


def survey(file: BinaryIO, label: str) -> Survey:
    """Look at all bytes of a file once, in bounded memory.

    Raises
    ------
    IncidentFileError
        If it is empty, packed, binary, or has a line longer than `LONGEST_LINE_BYTES`.
    """
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")("strict")
    sample, size, line, first_nul = bytearray(), 0, 0, -1
    is_utf8, mojibake, lost = True, 0, 0
    while block := file.read(BLOCK_BYTES):
        if not size:
            _refuse_magic(block, label)
        digest.update(block)
        if len(sample) < SAMPLE_BYTES:
            sample += block[: SAMPLE_BYTES - len(sample)]
        if first_nul < 0 and (at := block.find(0)) >= 0:
            first_nul = size + at
        if is_utf8 and not (block.isascii() and not decoder.getstate()[0]):
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
            else:
                lost += text.count("\ufffd")
                if any(mark in block for mark in _MOJIBAKE_MARKS):
                    mojibake += len(_MOJIBAKE.findall(text))
        size += len(block)
        line = 0 if b"\n" in block or b"\r" in block else line + len(block)
        if line > LONGEST_LINE_BYTES:
            raise refusal(label, "has a line of more than 32 MB. Upload a table, one row a line.")
    if not sample.strip(b' \t\r\n,;|"\xef\xbb\xbf'):
        raise refusal(label, "is empty. Upload a table with a header and rows.")
    is_utf8 = is_utf8 and not decoder.getstate()[0]
    return Survey(digest.hexdigest(), size, bytes(sample), first_nul, is_utf8, mojibake, lost)


def decide_encoding(surveyed: Survey, file: BinaryIO, label: str, answers: Answers) -> Encoding:
    """Say in which encoding the text is, or propose one and ask.

    A byte order mark decides, then strict UTF-8. Otherwise the analyst chooses among the encodings
    in which the whole file can be read; an answer never overrides what the file itself settles.
    UTF-16 is proposed where NUL bytes stand on one side of the byte pairs only, UTF-8 where its
    letters outnumber the bytes that are none, Windows-1256 where most bytes above 127 stand side
    by side as in words of Arabic script, else Windows-1252 (single accents and curly quotes).

    Raises
    ------
    IncidentFileError
        If there are NUL bytes and it is no UTF-16, or the answer is none of the options.
    """
    sample = surveyed.sample
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if not _decodes(file, "utf-16"):
            raise refusal(label, "is damaged UTF-16. Save it again as UTF-8.")
        return Encoding("utf-16")
    if surveyed.first_nul >= 0:
        options = [name for name in _utf16_sides(sample) if _is_plausible(sample, file, name)]
        if not options:
            raise refusal(
                label,
                f"holds NUL bytes, the first as byte {surveyed.first_nul + 1}: it is no text. "
                "Save it as CSV in UTF-8.",
            )
        return _asked(sample, options, options[0], label, answers)
    if surveyed.is_utf8:
        return Encoding("utf-8-sig" if sample.startswith(codecs.BOM_UTF8) else "utf-8")
    options = [name for name in ("cp1252", "cp1256") if _decodes(file, name)]
    options += [name for name in ("utf-16-le", "utf-16-be") if _is_plausible(sample, file, name)]
    escaped = sample.decode("utf-8", "surrogateescape")
    broken = len(re.findall("[\udc80-\udcff]", escaped))
    letters = len(re.findall("[^\x00-\x7f]", escaped)) - broken
    if letters > broken or sample.startswith(codecs.BOM_UTF8):
        return _asked(sample, ["utf-8", *options], "utf-8", label, answers)
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", sample)]
    proposed = "cp1256" if 2 * sum(run for run in runs if run > 1) > sum(runs) else "cp1252"
    return _asked(sample, options, proposed if proposed in options else options[0], label, answers)


def refuse_other_text(text: str, label: str) -> None:
    """Refuse text that is no table: a web page, a Git LFS pointer, XML, JSON."""
    head = text[:4096].lstrip("\ufeff \t\r\n").lower()
    if head.startswith("version https://git-lfs"):
        raise refusal(
            label, "is a Git LFS pointer, not the data. Fetch the data with 'git lfs pull'."
        )
    if head.startswith("<"):
        if "<html" in head or "<!doctype html" in head:
            raise refusal(
                label,
                "is a web page, perhaps a page to sign in. Download the CSV again, signed in.",
            )
        raise refusal(label, "is XML. Export the table as CSV.")
    if re.match(r"\{\s*(\"|\})|\[\s*[\[{]", head):
        raise refusal(label, "is JSON. Export the table as CSV.")


def notes_of(surveyed: Survey) -> tuple[str, ...]:
    """Return what the text shows of earlier damage, in fixed words and numbers."""
    notes = []
    if surveyed.mojibake:
        notes.append(
            "Places that look like UTF-8 read as another encoding before (such as 'â€™' for an "
            f"apostrophe): {surveyed.mojibake}. Fetch the file again from its source."
        )
    if surveyed.lost:
        notes.append(
            f"Characters lost before the file was saved (replacement characters): {surveyed.lost}."
        )
    return tuple(notes)


def _refuse_magic(head: bytes, label: str) -> None:
    for magic, sentence in _MAGIC:
        if head.startswith(magic):
            raise refusal(label, sentence)


def _utf16_sides(sample: bytes) -> list[str]:
    """Return the byte order in which NUL bytes could be the upper halves of UTF-16."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if 20 * max(even, odd) < len(sample) // 2 or min(even, odd):
        return []  # commas, digits and line ends alone make one pair in twenty
    return ["utf-16-be" if even else "utf-16-le"]


def _is_plausible(sample: bytes, file: BinaryIO, codec: str) -> bool:
    """Return whether the file can be read in a codec and then has lines and delimiters."""
    head = sample[: 2**16].decode(codec, "ignore")
    has_lines = ("\n" in head or "\r" in head) and any(mark in head for mark in ",;\t|")
    return has_lines and _decodes(file, codec)


def _decodes(file: BinaryIO, codec: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        while block := file.read(BLOCK_BYTES):
            if "\0" in decoder.decode(block):
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _asked(
    sample: bytes, options: list[str], proposed: str, label: str, answers: Answers
) -> Encoding:
    errors = {"utf-8": "surrogateescape"}
    if answer := answers.get("encoding"):
        if answer not in options:
            raise refusal(
                label, f"cannot be read as {answer[:80]!r}. Choose one of: {', '.join(options)}."
            )
        return Encoding(answer, errors.get(answer, "strict"))
    question = Question(
        key="encoding",
        text="The file is not plain UTF-8. In which encoding was it saved?",
        options=tuple((name, _WORDS[name]) for name in options),
        proposed=proposed,
        examples=tuple(f"{name}: {_example(sample, name)}" for name in options),
    )
    return Encoding(proposed, errors.get(proposed, "strict"), question)


def _example(sample: bytes, codec: str) -> str:
    """Return the first words beyond ASCII, read in a codec."""
    if codec.startswith("utf-16"):
        text = sample[: 2**16].decode(codec, "ignore")
    else:
        found = re.search(rb"[^\x80-\xff\r\n]{0,20}[\x80-\xff][^\r\n]{0,60}", sample)
        text = (found[0] if found else sample[:80]).decode(codec, "replace")
    return re.sub(r"\s+", " ", text[:80]).strip()
