"""egovframe: the framework that city governments build their e-services on."""

__version__ = "0.1.0"
