import pytest
from yubihsm import YubiHsm


@pytest.fixture
def hsm(hsm_mock):
    connected = YubiHsm.connect(hsm_mock.url)
    yield connected
    connected.close()


@pytest.fixture
def session(hsm):
    return hsm.create_session_derived(1, "password")
