"""Every test here gets a `twin`: a program's bare and its profiled run, side by side."""

from support.twin import twin  # noqa: F401  (a fixture)
