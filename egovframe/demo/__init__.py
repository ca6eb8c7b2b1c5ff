"""The demo city of Saebit: fictional, made from a fixed seed, with dates relative to today."""

from egovframe.demo.city import Size, seed_city
from egovframe.demo.folder import DemoFolder
from egovframe.demo.people import ACCOUNTS, PASSWORD, DemoAccount, accounts

__all__ = ["ACCOUNTS", "PASSWORD", "DemoAccount", "DemoFolder", "Size", "accounts", "seed_city"]
