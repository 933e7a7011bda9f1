"""Every test here may ask for a `rich` profile."""

from support.samples import rich  # noqa: F401  (a fixture)
