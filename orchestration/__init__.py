"""The order of work: Dagster definitions, warehouse access, experiment settings, command line."""
