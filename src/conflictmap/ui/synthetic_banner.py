"""What stands on every page of a synthetic store, so that nobody takes it for the real one."""

from __future__ import annotations

import streamlit as st

from conflictmap.mark import MARK, SENTENCE

BANNER = f"""<style>
:root{{--mark-height:2.25rem}}
.synthetic-mark{{position:fixed;inset:0 0 auto 0;height:var(--mark-height);z-index:1000060;
display:flex;align-items:center;justify-content:center;padding:0 .75rem;overflow:hidden;
background:repeating-linear-gradient(-45deg,#ffd23f 0 14px,#ffc400 14px 28px);color:#1b1b1b;
border-bottom:2px solid #1b1b1b;font-weight:700;line-height:1.1;text-align:center;
print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media (max-width:640px){{:root{{--mark-height:2.9rem}}.synthetic-mark{{font-size:.85rem}}}}
[data-testid=stHeader]{{top:var(--mark-height)}}
[data-testid=stSidebar]{{top:var(--mark-height);height:calc(100vh - var(--mark-height))}}
[data-testid=stMainBlockContainer]{{margin-top:var(--mark-height)}}
[data-testid=stElementToolbar] button[aria-label="Download as CSV"]{{display:none}}
</style><div class="synthetic-mark" role="note">{SENTENCE}</div>"""
"""Fixed words only. The tables' own download, which knows no mark, is not offered."""


def draw(page_title: str) -> None:
    """Draw the mark over the page, and put it into the title of the browser's window."""
    st.set_page_config(page_title=f"{MARK} - {page_title}")
    st.html(BANNER)
