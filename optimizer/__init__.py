"""Portfolio construction and back-test: objectives, constraints, execution; frames in, frames out."""
