"""What brings raw tables in: the landing contract, the market simulator, one reader per source."""
