"""The demo city of Saebit: fictional, made from a fixed seed, with dates relative to today."""
