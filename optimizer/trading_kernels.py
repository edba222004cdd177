"""What every order of every session asks for, compiled: lots, volume cap, costs, settlement.

One pass over the orders where array operations would make thirty, and as many again whenever there
is too little cash. All of it is in one file, with the parts of the costs: what numba keeps of a
compiled function is forgotten when its own file changes, not when another does that it reads.

What an order costs is given by rates, [COST_PARTS, orders], the least commission of an order of
some value (yuan), and market impact: `of_usual` is the share of its value that an order of the
usual amount costs, `usual` that amount (yuan); an order whose usual amount is NaN pays as if it
were of that amount. Both are [orders], or empty where no impact is charged. Shares are raw, sales
negative; money is yuan.
"""

import math

import numba
import numpy as np

# In the order of their rows and columns.
COST_PARTS = ("stamp_duty", "transfer_fee", "commission", "slippage", "impact")
STAMP_DUTY, TRANSFER_FEE, COMMISSION, SLIPPAGE, IMPACT = range(len(COST_PARTS))

# Rounds of scaling purchases down to the cash there is; lots and minimum fees settle in a few.
_SCALINGS = 30
# Shares come out of divisions: a hundredth of a millionth of a step short of a lot is the lot.
_NEARLY = 1e-8

_compiled = numba.njit(cache=True, error_model="numpy")


@_compiled
def whole_lot(smallest, step, wanted):  # type: ignore[no-untyped-def]
    """Most shares up to those wanted, of one order: none or `smallest` and so many steps."""
    steps = np.floor((wanted - smallest) / step + _NEARLY)
    return 0.0 if steps < 0.0 else smallest + steps * step


@_compiled
def whole_lots(smallest, step, wanted):  # type: ignore[no-untyped-def]
    """Most shares up to those wanted in whole lots, [orders] each; NaN where any is NaN."""
    shares = np.empty_like(wanted)
    for order in range(wanted.size):
        shares[order] = whole_lot(smallest[order], step[order], wanted[order])
    return shares


@_compiled
def tradable_lots(smallest, step, requested, names, held):  # type: ignore[no-untyped-def]
    """Most shares of orders up to those requested: whole lots, or the sale of a whole holding.

    Parameters
    ----------
    smallest, step, requested, names
        [orders]; sales are negative, names are positions.
    held
        [N], shares.
    """
    shares = np.empty_like(requested)
    for order in range(requested.size):
        wanted = requested[order]
        if wanted < 0.0 and held[names[order]] + wanted <= 0.0:
            shares[order] = wanted
        else:
            most = whole_lot(smallest[order], step[order], abs(wanted))
            shares[order] = math.copysign(most, wanted)
    return shares


@_compiled
def within_volume(requested, volume, share):  # type: ignore[no-untyped-def]
    """Cut orders to a share of the volume, [orders] each.

    Returns shares, the first order whose volume is needed and NaN (or -1), and whether any is cut.
    """
    allowed, is_cut = requested.copy(), False
    for order in range(requested.size):
        cap = share * volume[order]
        if abs(requested[order]) <= cap or requested[order] == 0.0:
            continue
        if math.isnan(cap):
            return allowed, order, True
        allowed[order], is_cut = math.copysign(cap, requested[order]), True
    return allowed, -1, is_cut


@_compiled
def _charge_order(order, value, rates, least_commission, of_usual, usual, costs):  # type: ignore[no-untyped-def]
    """Fill the costs of an order of some value; their sum."""
    for part in range(rates.shape[0]):
        costs[part, order] = rates[part, order] * value
    if value > 0.0 and costs[COMMISSION, order] < least_commission:
        costs[COMMISSION, order] = least_commission
    if of_usual.size:
        share = 1.0 if math.isnan(usual[order]) else value / usual[order]
        costs[IMPACT, order] = of_usual[order] * math.sqrt(share) * value
    total = 0.0
    for part in range(rates.shape[0]):
        total += costs[part, order]
    return total


@_compiled
def charge(value, rates, least_commission, of_usual, usual):  # type: ignore[no-untyped-def]
    """Yuan by part, [COST_PARTS, orders], of yuan traded (never negative), [orders]."""
    costs = np.empty(rates.shape)
    for order in range(value.size):
        _charge_order(order, value[order], rates, least_commission, of_usual, usual, costs)
    return costs


@_compiled
def settle(  # type: ignore[no-untyped-def]
    wanted, price, is_purchase, smallest, step, rates, least_commission, of_usual, usual, cash, dust
):
    """Settle sales, then purchases as far as cash goes.

    Purchases are scaled down alike, in lots, until they and their costs are paid for.

    Parameters
    ----------
    wanted, price, is_purchase
        Shares, yuan per share and side, [orders].
    smallest, step
        Smallest purchase and what it may grow by in shares, [orders]; empty where fractions trade.
    cash, dust
        Before the orders, and the least amount that counts as any.

    Returns
    -------
    shares, value, costs
        Shares and yuan traded, [orders], and costs by part, [COST_PARTS, orders].
    cash, is_cut
        After the orders, and whether purchases were scaled down.
    """
    shares, value, costs = wanted.copy(), np.empty(wanted.size), np.empty(rates.shape)
    needed = 0.0
    for order in range(wanted.size):
        value[order] = abs(wanted[order]) * price[order]
        total = _charge_order(order, value[order], rates, least_commission, of_usual, usual, costs)
        if is_purchase[order]:
            needed += value[order] + total
        else:
            cash += value[order] - total
    if needed == 0.0:
        return shares, value, costs, cash, False
    share, is_cut, available = 1.0, False, cash if cash > dust else 0.0
    for attempt in range(_SCALINGS + 1):
        if needed <= available + dust:
            break
        share *= available / needed if attempt < _SCALINGS else 0.0
        needed, is_cut = 0.0, True
        for order in range(wanted.size):
            if not is_purchase[order]:
                continue
            scaled = wanted[order] * share
            if smallest.size:
                scaled = whole_lot(smallest[order], step[order], scaled)
            shares[order] = scaled
            value[order] = abs(scaled) * price[order]
            total = _charge_order(
                order, value[order], rates, least_commission, of_usual, usual, costs
            )
            needed += value[order] + total
    cash -= needed
    if abs(cash) < dust:
        cash = max(cash, 0.0)
    return shares, value, costs, cash, is_cut
