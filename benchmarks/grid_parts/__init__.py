"""Parts of the benchmark of the grid: a market of the study's size, memory of several processes."""
