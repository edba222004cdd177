"""Panels that the tests of the forecasters share."""

from collections.abc import Callable

import pytest
from fixtures.panels import Market, make_panel

from models_ml.panel import Panel


@pytest.fixture(scope="session")
def panel() -> Panel:
    """130 weeks of 60 stocks from 2014-01-03, labels known ten days after their week_date."""
    return make_panel(Market())


@pytest.fixture(scope="session")
def panel_of() -> Callable[..., Panel]:
    """Make a panel of another market."""
    return lambda **settings: make_panel(Market(**settings))
