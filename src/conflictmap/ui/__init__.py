"""The screen: Streamlit controls, caches and Folium drawing."""
