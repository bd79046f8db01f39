"""The brief as files to hand out: DOCX, PDF and a deck of slides.

`content` says which texts a file holds, the same for all three; `measure`, `columns` and `flow` lay
them out on pages; `docx`, `pdf` and `deck` write them.
"""
