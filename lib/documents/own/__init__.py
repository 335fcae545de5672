"""The school's own templates: .docx and .xlsx files with placeholders that are filled from the figures a viewer may see."""
