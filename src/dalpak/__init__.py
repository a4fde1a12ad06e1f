"""dalpak: an AI receptionist that answers a business's phone in Hebrew and books appointments."""

__version__ = "0.1.0"
