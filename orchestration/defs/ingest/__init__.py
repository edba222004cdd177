"""Raw tables into landing."""
