"""Stores of millions of incidents: what maps need of them, worked out once, kept by the store.

`lots` is what is kept of incidents, `making` makes it of the rows that revisions changed, `keeping`
puts it into the store and takes it out again, `archive` is all of it in memory.
"""
