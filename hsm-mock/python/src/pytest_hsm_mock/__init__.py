"""MOCK: a YubiHSM2 emulator for tests. It is not hardware and protects nothing."""

from .emulator import HsmMock, HsmMockError, program

__all__ = ["HsmMock", "HsmMockError", "program"]
