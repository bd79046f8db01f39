"""Files of other people's incidents: read, recognised, converted, placed, compared, accounted for.

`model` says what the steps hand to each other. Each row of a file ends in exactly one bin; nothing
is dropped or guessed: what cannot be settled from the file is a question or a review.
"""
