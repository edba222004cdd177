import numpy as np
import pytest

from models_ml.rules import TrainingRules
from models_ml.serialisation import file_ending, read_model
from models_ml.specs import ModelSpec
from models_ml.train import train_window
from models_ml.windows import TestWindow


@pytest.mark.parametrize("library", ["ridge", "xgboost", "lightgbm"])
def test_stored_model_forecasts_the_same_bits(panel, library):
    parameters = {"max_rounds": 15} if library != "ridge" else {}
    spec = ModelSpec(library, parameters=parameters)
    result = train_window(panel, spec, TestWindow("2016H1"), TrainingRules.practitioner())
    (name, content), *others = result.model_files.items()
    assert not others
    assert name == f"model.{file_ending(result.model.format)}"
    restored = read_model(result.model_card["format"], content)
    rows = np.arange(500)
    np.testing.assert_array_equal(restored.predict(panel, rows), result.model.predict(panel, rows))


def test_unknown_format_is_refused():
    with pytest.raises(ValueError, match="ridge-json.*'pickle'"):
        read_model("pickle", b"")
    with pytest.raises(ValueError, match="'pickle'"):
        file_ending("pickle")
