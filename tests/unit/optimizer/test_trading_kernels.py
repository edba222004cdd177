"""Paying for orders, by hand; and what array operations give for the same orders."""

import math

import numpy as np
import pytest

from optimizer.trading_kernels import (
    COMMISSION,
    COST_PARTS,
    IMPACT,
    charge,
    settle,
    tradable_lots,
    whole_lots,
)

NONE = np.empty(0)
DUST = 1e-6


def rates(orders: int, commission: float = 0.0) -> np.ndarray:
    found = np.zeros((len(COST_PARTS), orders))
    found[COMMISSION] = commission
    return found


def settled(wanted, price, cash, lots=(NONE, NONE), commission=0.0, least=0.0):
    wanted, price = np.array(wanted), np.array(price)
    return settle(
        wanted,
        price,
        wanted > 0.0,
        *lots,
        rates(wanted.size, commission),
        least,
        NONE,
        NONE,
        cash,
        DUST,
    )


def test_sales_pay_for_purchases_of_the_same_session():
    shares, value, costs, cash, is_cut = settled([-100.0, 50.0], [10.0, 20.0], cash=0.0)
    assert (shares.tolist(), value.tolist(), cash, is_cut) == ([-100, 50], [1000, 1000], 0.0, False)
    assert not costs.any()


def test_too_little_cash_scales_purchases_alike_and_leaves_sales():
    # 600 yuan and 400 of the sale for purchases of 2,000: half of each.
    shares, value, _, cash, is_cut = settled([-40.0, 100.0, 50.0], [10.0, 10.0, 20.0], cash=600.0)
    assert is_cut
    np.testing.assert_allclose(shares, [-40.0, 50.0, 25.0], rtol=1e-14)
    np.testing.assert_allclose(value, [400.0, 500.0, 500.0], rtol=1e-14)
    assert cash == pytest.approx(0.0, abs=DUST)


def test_scaled_purchases_are_whole_lots_and_the_rest_stays_cash():
    lots = (np.full(2, 100.0), np.full(2, 100.0))
    shares, _, _, cash, _ = settled([1000.0, 1000.0], [10.0, 10.0], 15_500.0, lots)
    assert shares.tolist() == [700.0, 700.0]
    assert cash == 1_500.0


def test_costs_are_paid_with_the_purchase_and_kept_from_the_sale():
    _, _, costs, cash, _ = settled([-10.0, 10.0], [10.0, 1.0], 1000.0, commission=0.01, least=0.5)
    # 1 % of 100 yuan, and the least commission on 10.
    assert costs[COMMISSION].tolist() == [1.0, 0.5]
    assert cash == pytest.approx(1000.0 + 100.0 - 1.0 - 10.0 - 0.5)


def test_without_cash_nothing_is_bought_and_nothing_is_charged():
    shares, value, costs, cash, is_cut = settled([10.0], [10.0], 0.0, commission=0.1, least=5.0)
    assert (shares.tolist(), value.tolist(), cash, is_cut) == ([0.0], [0.0], 0.0, True)
    assert not costs.any()


def test_impact_grows_with_the_square_root_and_the_unknown_pays_as_usual():
    value = np.array([100.0, 400.0, 100.0, 0.0])
    usual = np.array([100.0, 100.0, np.nan, 100.0])
    found = charge(value, rates(4), 0.0, np.full(4, 0.01), usual)
    np.testing.assert_allclose(found[IMPACT], [1.0, 8.0, 1.0, 0.0])


def test_what_is_no_number_is_not_hidden():
    assert math.isnan(settled([10.0], [np.nan], 100.0)[3])
    one = np.array([100.0])
    assert np.isnan(whole_lots(one, one, np.array([np.nan]))).all()


def test_lots_of_random_orders_are_those_of_array_operations():
    random = np.random.default_rng(3)
    smallest = random.choice([1.0, 100.0, 200.0], 500)
    step = np.where(smallest == 200.0, 1.0, smallest)
    held = np.round(random.uniform(0.0, 900.0, 500))
    requested = np.round(random.uniform(-900.0, 900.0, 500), 1)
    requested[:50] = -held[:50]
    size = np.abs(requested)
    steps = np.floor((size - smallest) / step + 1e-8)
    in_lots = np.copysign(np.where(steps >= 0.0, smallest + steps * step, 0.0), requested)
    whole = (requested < 0.0) & (held + requested <= 0.0)
    names = random.permutation(500)
    of_names = np.empty(500)
    of_names[names] = held
    found = tradable_lots(smallest, step, requested, names, of_names)
    np.testing.assert_array_equal(found, np.where(whole, requested, in_lots))
    assert whole.any()
    assert (found != requested).any()
