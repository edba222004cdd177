"""The parts of what trading costs, in the order of their rows and columns."""

COST_PARTS = ("stamp_duty", "transfer_fee", "commission", "slippage", "impact")
STAMP_DUTY, TRANSFER_FEE, COMMISSION, SLIPPAGE, IMPACT = range(len(COST_PARTS))
