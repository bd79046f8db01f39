"""Upload page: a file of incidents, every row accounted for, published as one revision."""

import streamlit as st

from conflictmap.errors import ConflictMapError
from conflictmap.ui import (
    controls,
    mapping_form,
    outcome,
    session,
    upload_history,
    upload_report,
    uploading,
)

session.viewer_who_may("publish")
controls.current_query()
st.subheader("Upload incidents")
uploading.take_outcome()
outcome.draw_outcome(uploading.DONE)
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
            looked = uploading.examined_file(file, source, mapping)
            if looked is not None:
                upload_report.draw_report(looked)
                upload_report.ask_questions(looked.examined)
                upload_report.draw_preview(looked.maps)
                uploading.offer_publishing(looked, file.content)
    except ConflictMapError as error:
        st.error("The file cannot be taken as it is.")
        st.text(str(error))
uploading.draw_publishing()

st.markdown("#### What was published, and the way back")
upload_history.draw_history()
