"""What the tests share. Standard library and pytest only; written for the Python that runs the tests (Debian's 3.11)."""
