"""The network of all three recurrent models: two layers, dropout between them, a linear head."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from models_ml.estimators.recurrent_cells import GRULayer, LSTMLayer, Projection, TanhLayer

Kind = Literal["rnn", "lstm", "gru"]
Project = Callable[[Tensor, Tensor, Tensor], Tensor]
Cell = Callable[[Tensor, Tensor | None, Tensor, Tensor, bool], Tensor]

LAYER_COUNT = 2
# Dropout rates are kept to 1 / 65,536: a mask costs two random bytes per value.
_MASK_STEPS = 65_536

_MODULES: dict[Kind, type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]] = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
_CELLS: dict[Kind, Cell] = {
    "rnn": TanhLayer.apply,
    "lstm": LSTMLayer.apply,
    "gru": GRULayer.apply,
}


class RecurrentNetwork(nn.Module):
    """Forecast [n] from the rows of sequences [t, n].

    The weights are those of torch's own layers, so that its modules read them. On a processor the
    layers are computed by `recurrent_cells`, elsewhere by torch.

    Parameters
    ----------
    kind
        'rnn' (tanh), 'lstm' or 'gru'.
    feature_count, hidden_size
        Width of the inputs and of the states of both layers.
    random
        Draws the weights, uniform within 1 / sqrt(hidden_size) as torch's own layers do; None
        leaves them undefined, to be loaded.
    """

    def __init__(
        self,
        kind: Kind,
        feature_count: int,
        hidden_size: int,
        random: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.kind: Kind = kind
        widths = [feature_count] + [hidden_size] * (LAYER_COUNT - 1)
        # Without a device torch draws no weights: its generator is the whole process's.
        with torch.device("meta"):
            self.layers = nn.ModuleList(_MODULES[kind](width, hidden_size) for width in widths)
            self.head = nn.Linear(hidden_size, 1)
        self.to_empty(device="cpu")
        if random is not None:
            self._draw(random, hidden_size**-0.5)

    @property
    def width(self) -> int:
        """Sums of gates of each layer, for one week of one sequence."""
        *_, bias = self.layers[0].parameters()
        return len(bias)

    def forward(
        self, rows: Tensor, places: Tensor, masks: tuple[Tensor, ...] | None = None
    ) -> Tensor:
        """Forecast the sequences: float32 [n].

        Parameters
        ----------
        rows
            [r, f], each row once, finite.
        places
            int64 [t, n], place in `rows` of each week of each sequence.
        masks
            What each layer's states but the last one's are multiplied by, [t, n, h] each; None
            where nothing is dropped.
        """
        states, at = rows, places if rows.device.type == "cpu" else None
        if at is None:
            states = rows[places]
        for number, layer in enumerate(self.layers):
            if number and masks is not None:
                states = states * masks[number - 1]
            is_last = number == LAYER_COUNT - 1
            states = self._layer(layer, states, at if number == 0 else None, is_last)
        forecast: Tensor = self.head(states)[:, 0]
        return forecast

    def _layer(
        self, layer: nn.Module, inputs: Tensor, places: Tensor | None, is_last: bool
    ) -> Tensor:
        if inputs.device.type != "cpu":
            output: Tensor = layer(inputs)[0]
            return output[-1] if is_last else output
        input_weight, weight, input_bias, bias = layer.parameters()
        project: Project = Projection.apply
        projected = project(inputs.reshape(-1, inputs.shape[-1]), input_weight, input_bias)
        if places is None:
            projected = projected.reshape(*inputs.shape[:2], -1)
        return _CELLS[self.kind](projected, places, weight, bias, is_last)

    def _draw(self, random: np.random.Generator, bound: float) -> None:
        with torch.no_grad():
            for weight in self.parameters():
                drawn = random.uniform(-bound, bound, tuple(weight.shape))
                weight.copy_(torch.from_numpy(drawn))


def dropout_masks(
    shape: tuple[int, int, int], rate: float, random: np.random.Generator, device: str = "cpu"
) -> tuple[Tensor, ...] | None:
    """Draw what the states between layers are multiplied by: zero, or 1 / (1 - rate).

    Parameters
    ----------
    shape
        Weeks, sequences, states.
    rate
        Share that is dropped, in [0, 1).
    random
        Draws them, on the processor whatever the device, so that all devices drop the same.
    device
        Where they go.
    """
    dropped = round(rate * _MASK_STEPS)
    if dropped == 0:
        return None
    scale = _MASK_STEPS / (_MASK_STEPS - dropped)
    count = int(np.prod(shape))
    return tuple(
        torch.from_numpy(
            (np.frombuffer(random.bytes(2 * count), dtype="<u2") >= dropped).astype(np.float32)
        )
        .mul_(scale)
        .reshape(shape)
        .to(device)
        for _ in range(LAYER_COUNT - 1)
    )
