"""Portfolio construction and back-test: objectives, constraints, execution rules."""
