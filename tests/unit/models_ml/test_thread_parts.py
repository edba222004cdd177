"""Parts of a batch in threads of their own."""

import subprocess
import sys
import threading

import pytest
import torch

from models_ml.estimators.thread_parts import in_threads


def test_results_come_in_the_order_of_the_parts():
    first = threading.Event()

    def work(part: int) -> tuple[int, str, int]:
        # The first part ends after the second.
        if part == 0:
            assert first.wait(10)
        if part == 1:
            first.set()
        return part, threading.current_thread().name, torch.get_num_threads()

    found = in_threads(work, [0, 1, 2], 2)
    assert [part for part, *_ in found] == [0, 1, 2]
    assert all(name.startswith("parts") and count == 1 for _, name, count in found)


@pytest.mark.parametrize(("parts", "threads"), [([1, 2], 1), ([1], 2), ([], 2)])
def test_nothing_to_share_is_done_in_the_caller(parts, threads):
    found = in_threads(lambda part: (part, threading.current_thread()), parts, threads)
    assert found == [(part, threading.current_thread()) for part in parts]


def test_an_error_of_a_part_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda part: 1 // part, [1, 0], 2)


def test_a_forked_process_has_threads_of_its_own():
    program = """
import os
from models_ml.estimators.thread_parts import in_threads
in_threads(abs, [-1, -2], 2)
child = os.fork()
if child == 0:
    os._exit(sum(in_threads(abs, [-3, -4], 2)))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert finished.stdout.strip() == "7"
