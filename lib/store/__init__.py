"""Where workbooks lie. Gives their cells as they are and judges nothing; the only package that knows spreadsheet readers."""
