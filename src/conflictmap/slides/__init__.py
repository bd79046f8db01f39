"""One view as a slide: what it says, where each part lies on the paper, and how it is written."""
