"""Training windows and what is judged of their predictions."""
