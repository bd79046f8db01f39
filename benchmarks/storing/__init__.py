"""Many processes on one store: what they do, and whether each of their revisions is whole."""
