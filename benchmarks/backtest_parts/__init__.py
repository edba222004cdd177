"""Parts of the benchmark of the back-test."""
