"""The fixtures."""

import pytest

from .emulator import HsmMock


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "hsm_mock(**options): options of the MOCK YubiHSM2 of this test"
    )


@pytest.fixture
def hsm_mock(request):
    """A new MOCK YubiHSM2, as it leaves the factory."""
    marker = request.node.get_closest_marker("hsm_mock")
    with HsmMock(**(marker.kwargs if marker else {})) as running:
        yield running


@pytest.fixture(scope="session")
def hsm_mock_session():
    """One MOCK YubiHSM2 for all tests."""
    with HsmMock() as running:
        yield running
