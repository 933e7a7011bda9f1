"""The parts of benchmarks/run; each module is one section of its output or one thing that several sections need."""
