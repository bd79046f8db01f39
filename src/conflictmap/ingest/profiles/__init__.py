"""One module a kind of file: from cells as text to records in our words.

Each profile has ``convert(raw, answers) -> Draft``. Every row of the file ends in the draft's
records, among its rejected rows or out of its scope, in exactly one of them.
"""
