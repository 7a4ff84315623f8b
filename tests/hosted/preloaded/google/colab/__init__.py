"""Stands for Colab's own package, which its kernel has loaded before a notebook's first cell."""

import os

if os.environ["COLAB_GPU"] == "1":  # set by Colab on a machine with a graphics processor
    import torch

    torch.cuda.is_available = lambda: True
    torch.cuda.device_count = lambda: 1
