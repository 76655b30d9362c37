"""The ceiling to hold training speeds against: PyTorch's best float32 matrix product on this machine.

    python bench/peers/matmul_ceiling.py [--size 1024] [--threads 2]

Prints one JSON object: gflops of the fastest product (2 size^3 operations each), of the median, and the settings.
"""

import argparse
import json
import statistics
import time

import torch


def main() -> None:
    arguments = argparse.ArgumentParser(description="Time PyTorch's float32 matrix product on the CPU.")
    arguments.add_argument("--size", type=int, default=1024, help="rows and columns of the square matrices")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--repeats", type=int, default=40)
    options = arguments.parse_args()
    if min(options.size, options.threads, options.repeats) < 1:
        arguments.error("size, threads and repeats are positive")
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    a, b = torch.randn(2, options.size, options.size)
    product = torch.empty_like(a)
    for _ in range(5):
        torch.matmul(a, b, out=product)
    seconds = []
    for _ in range(options.repeats):
        start = time.perf_counter()
        torch.matmul(a, b, out=product)
        seconds.append(time.perf_counter() - start)

    operations = 2 * options.size**3
    result = {
        "gflops": round(operations / min(seconds) / 1e9, 1),
        "median_gflops": round(operations / statistics.median(seconds) / 1e9, 1),
        "size": options.size,
        "threads": options.threads,
        "torch": torch.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
