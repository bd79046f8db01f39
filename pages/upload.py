"""Upload page: a file of incidents, every row accounted for, published as one revision."""

import streamlit as st

from conflictmap.access import require
from conflictmap.errors import ConflictMapError
from conflictmap.ui import controls, mapping_form, session, upload_history, upload_report, uploading

require(session.current_viewer(), "publish")
controls.current_query()
st.subheader("Upload incidents")
upload_history.draw_done()
st.text(
    "A CSV or XLSX file: our template, UCDP GED, ACLED, GTD, a table with HXL tags, or any sheet"
    " whose columns you name. Nothing is published before you have seen what becomes of each row."
)
mapping_form.offer_templates()
file = uploading.file_in_hand()

if file is not None:
    source = uploading.ask_source(file)
    try:
        mapping = mapping_form.ask_mapping(file)
        if source is not None and mapping is not None:
            examined = uploading.examined_file(file, source, mapping)
            upload_report.draw_report(examined)
            upload_report.ask_questions(examined)
            upload_report.draw_preview(examined)
            uploading.offer_publishing(examined, file.content)
    except ConflictMapError as error:
        st.error("The file cannot be taken as it is.")
        st.text(str(error))

st.markdown("#### What was published, and the way back")
upload_history.draw_history()
