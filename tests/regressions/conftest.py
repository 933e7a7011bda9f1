"""Every test here may ask for a `twin`: a program's bare and its profiled run, side by side."""

from support.twin import executable, shared_library, twin  # noqa: F401  (fixtures)
