"""The journal as tables and the published copy."""
