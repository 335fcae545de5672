"""Everything that draws: the only package of lib that knows Streamlit."""
