"""What leaves the desk as a file. Every file says what it shows: title, filters, snapshot."""
