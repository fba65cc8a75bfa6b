"""An AWS for tests, the demo and benchmarks: moto's server, and what moto lacks."""
