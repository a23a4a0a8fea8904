"""Speaks to the MOCK key with Yubico's python-fido2 alone: see README.md.

usage: python_fido2.py PROGRAM
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap import CtapError
from fido2.ctap2 import AttestationResponse, Ctap2
from fido2.ctap2.extensions import HmacSecretExtension
from fido2.ctap2.pin import ClientPin, PinProtocolV1, PinProtocolV2
from fido2.hid import CAPABILITY, CTAPHID, CtapHidDevice
from fido2.hid.base import CtapHidConnection, HidDescriptor
from fido2.server import Fido2Server
from fido2.utils import sha256, websafe_decode
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

RP = PublicKeyCredentialRpEntity(name="Keepsake", id="keepsake.invalid")
ORIGIN = "https://keepsake.invalid"
USER = {"id": b"\x07" * 16, "name": "ada", "displayName": "Ada"}
ES256 = [{"type": "public-key", "alg": -7}]
HASH = sha256(b"client data")
PIN = "2718"
ERR = CtapError.ERR
MAY = ClientPin.PERMISSION


class SocketConnection(CtapHidConnection):
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)

    def read_packet(self):
        report = self.socket.recv(64, socket.MSG_WAITALL)
        if len(report) < 64:
            raise OSError("the key was pulled out")
        return report

    def write_packet(self, data):
        self.socket.sendall(data)

    def close(self):
        self.socket.close()


class Desk:
    """A MOCK key that can be plugged in and pulled out."""

    def __init__(self, program):
        self.program, self.running = program, None
        self.folder = tempfile.TemporaryDirectory()

    def plug_in(self, *options):
        self.pull_out()
        port = str(Path(self.folder.name, "usb"))
        command = [self.program, "--listen", port, "--state", str(Path(self.folder.name, "key.json")), *options]
        self.running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.running.stdout.readline().startswith("MOCK")
        descriptor = HidDescriptor(port, 0, 0, 64, 64, "MOCK security key", None)
        return CtapHidDevice(descriptor, SocketConnection(port))

    def pull_out(self):
        if self.running:
            self.running.send_signal(signal.SIGTERM)
            assert self.running.wait() == 0
            self.running = None

    def throw_away(self):
        self.pull_out()
        self.folder.cleanup()


def refused(code, action):
    try:
        action()
    except CtapError as error:
        assert error.code == code, f"{error.code!r} instead of {code!r}"
    else:
        raise AssertionError(f"done instead of refused with {code!r}")


def check_hid(device):
    assert device.capabilities == CAPABILITY.WINK | CAPABILITY.CBOR | CAPABILITY.NMSG
    for length in [0, 1, 57, 58, 1000, 57 + 59 * 127]:
        message = os.urandom(length)
        assert device.ping(message) == message
    device.wink()
    refused(ERR.INVALID_COMMAND, lambda: device.call(CTAPHID.MSG, b"\0" * 7))
    refused(ERR.INVALID_LENGTH, lambda: device.call(CTAPHID.WINK, b"1"))
    refused(ERR.INVALID_LENGTH, lambda: device.call(CTAPHID.CBOR))


def check_pin(ctap, protocol):
    assert ctap.get_info().options["clientPin"] is False
    pin = ClientPin(ctap, protocol)
    refused(ERR.PIN_NOT_SET, lambda: pin.get_pin_token(PIN, MAY.GET_ASSERTION, RP.id))
    pin.set_pin("first")
    assert ctap.get_info().options["clientPin"] is True
    refused(ERR.PIN_AUTH_INVALID, lambda: pin.set_pin("again"))
    refused(ERR.PIN_INVALID, lambda: pin.change_pin("wrong", PIN))
    assert pin.get_pin_retries()[0] == 7
    pin.change_pin("first", PIN)
    assert pin.get_pin_retries()[0] == 8
    refused(ERR.PIN_INVALID, lambda: pin.get_pin_token("first"))
    return pin


def allow(credential):
    return [{"type": "public-key", "id": each} for each in [b"of another key", credential.credential_id]]


def token(pin, may):
    return pin.get_pin_token(PIN, may, RP.id)


def make(ctap, pin, user=USER, **more):
    proof = pin.protocol.authenticate(token(pin, MAY.MAKE_CREDENTIAL), HASH)
    return ctap.make_credential(
        HASH, RP, user, ES256, pin_uv_param=proof, pin_uv_protocol=pin.protocol.VERSION, **more
    )


def prove(pin):
    proof = pin.protocol.authenticate(token(pin, MAY.GET_ASSERTION), HASH)
    return {"pin_uv_param": proof, "pin_uv_protocol": pin.protocol.VERSION}


def check_credentials(ctap, pin):
    made = make(ctap, pin, extensions={"hmac-secret": True}, options={"rk": True})
    check_attestation(made)
    credential = made.auth_data.credential_data
    assert made.auth_data.extensions == {"hmac-secret": True}
    assert made.auth_data.is_user_verified() and made.auth_data.is_user_present()
    named = allow(credential)

    refused(ERR.CREDENTIAL_EXCLUDED, lambda: make(ctap, pin, exclude_list=named))
    refused(ERR.PUAT_REQUIRED, lambda: ctap.make_credential(HASH, RP, USER, ES256))
    refused(ERR.UNSUPPORTED_ALGORITHM, lambda: ctap.make_credential(HASH, RP, USER, [{"type": "public-key", "alg": -8}]))
    refused(ERR.NO_CREDENTIALS, lambda: ctap.get_assertion("elsewhere.invalid", HASH))
    refused(ERR.UNSUPPORTED_OPTION, lambda: ctap.get_assertion(RP.id, HASH, options={"rk": True}))
    refused(ERR.INVALID_OPTION, lambda: ctap.get_assertion(RP.id, HASH, options={"uv": True}))

    counter = made.auth_data.counter
    for allowed in [named, None]:
        used = ctap.get_assertion(RP.id, HASH, allowed, **prove(pin))
        used.verify(HASH, credential.public_key)
        assert used.auth_data.is_user_verified() and used.auth_data.counter > counter
        counter = used.auth_data.counter
    silent = ctap.get_assertion(RP.id, HASH, named, options={"up": False})
    silent.verify(HASH, credential.public_key)
    assert not silent.auth_data.is_user_present() and not silent.auth_data.is_user_verified()

    make(ctap, pin, {"id": b"bob", "name": "bob"}, options={"rk": True})
    make(ctap, pin, {"id": b"bob", "name": "second"}, options={"rk": True})
    both = ctap.get_assertions(RP.id, HASH, **prove(pin))
    assert [each.user["name"] for each in both] == ["second", "ada"], both
    both[1].verify(HASH, credential.public_key)
    return credential


def check_attestation(made: AttestationResponse):
    from fido2.attestation import PackedAttestation

    assert made.fmt == "packed"
    PackedAttestation().verify(made.att_stmt, made.auth_data, HASH)


def check_hmac_secret(ctap, pin, credential: AttestedCredentialData):
    named = allow(credential)

    def outputs(salts, verified=True):
        public, shared = pin._get_shared_secret()
        sealed = pin.protocol.encrypt(shared, salts)
        asked = {1: public, 2: sealed, 3: pin.protocol.authenticate(shared, sealed), 4: pin.protocol.VERSION}
        proof = prove(pin) if verified else {}
        used = ctap.get_assertion(RP.id, HASH, named, extensions={"hmac-secret": asked}, **proof)
        used.verify(HASH, credential.public_key)
        return pin.protocol.decrypt(shared, used.auth_data.extensions["hmac-secret"])

    one, two, salt = os.urandom(32), os.urandom(32), b"\x09" * 32
    assert len(outputs(one)) == 32
    assert outputs(one + two) == outputs(one) + outputs(two)
    assert outputs(one, verified=False) != outputs(one)
    refused(ERR.INVALID_PARAMETER, lambda: outputs(one[:16]))
    return outputs(salt)


def check_wrong_pins(desk, *options):
    for tries in [7, 6, 5, 4, 3, 2, 1, 0]:
        if tries % 3 == 1:
            pin = ClientPin(Ctap2(desk.plug_in(*options)))
        expected = ERR.PIN_BLOCKED if tries == 0 else ERR.PIN_AUTH_BLOCKED if tries % 3 == 2 else ERR.PIN_INVALID
        refused(expected, lambda: pin.get_pin_token("wrong"))
        assert pin.get_pin_retries()[0] == tries
        if expected == ERR.PIN_AUTH_BLOCKED:
            refused(expected, lambda: pin.get_pin_token(PIN))


class Person(UserInteraction):
    def prompt_up(self):
        pass

    def request_pin(self, permissions, rp_id):
        return PIN


def check_web_client(device):
    """As a browser and a site use it: registration and PRF."""
    client = Fido2Client(
        device,
        client_data_collector=DefaultClientDataCollector(ORIGIN),
        user_interaction=Person(),
        extensions=[HmacSecretExtension()],
    )
    server = Fido2Server(RP)
    options, state = server.register_begin(
        PublicKeyCredentialUserEntity(name="ada", id=USER["id"]),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        extensions={"prf": {}},
    )
    made = client.make_credential(options.public_key)
    assert made.client_extension_results["prf"]["enabled"] is True
    credential = server.register_complete(state, made).credential_data

    results = []
    for allowed in [[PublicKeyCredentialDescriptor(**each) for each in allow(credential)], None]:
        options, state = server.authenticate_begin(
            allowed,
            user_verification=UserVerificationRequirement.REQUIRED,
            extensions={"prf": {"eval": {"first": b"a salt"}}},
        )
        used = client.get_assertion(options.public_key).get_response(0)
        server.authenticate_complete(state, [credential], used)
        results.append(used.client_extension_results["prf"]["results"]["first"])
    assert results[0] == results[1] and len(websafe_decode(results[0])) == 32


def check_touch(desk, *options):
    ctap = Ctap2(desk.plug_in("--untouched", *options))
    refused(ERR.USER_ACTION_TIMEOUT, lambda: ctap.make_credential(HASH, RP, USER, ES256, pin_uv_param=b""))

    ctap = Ctap2(desk.plug_in("--touch-after", "300", *options))
    waits = []
    refused(ERR.PIN_INVALID, lambda: ctap.make_credential(
        HASH, RP, USER, ES256, pin_uv_param=b"", on_keepalive=waits.append
    ))
    assert waits == [2], waits

    ctap = Ctap2(desk.plug_in("--touch-after", "60000", *options))
    enough = threading.Event()
    refused(ERR.KEEPALIVE_CANCEL, lambda: ctap.make_credential(
        HASH, RP, USER, ES256, pin_uv_param=b"", event=enough, on_keepalive=lambda _: enough.set()
    ))
    ctap.get_info()


def check_reset(desk, *options):
    ctap = Ctap2(desk.plug_in(*options))
    ctap.reset()
    assert ctap.get_info().options["clientPin"] is False
    refused(ERR.NO_CREDENTIALS, lambda: ctap.get_assertion(RP.id, HASH))
    assert ClientPin(ctap).get_pin_retries()[0] == 8


def check(program, protocol, *options):
    desk = Desk(program)
    try:
        device = desk.plug_in(*options)
        check_hid(device)
        ctap = Ctap2(device)
        pin = check_pin(ctap, protocol)
        credential = check_credentials(ctap, pin)
        output = check_hmac_secret(ctap, pin, credential)
        ctap = Ctap2(desk.plug_in(*options))
        assert output == check_hmac_secret(ctap, ClientPin(ctap, protocol), credential), "after a power cycle"
        check_web_client(desk.plug_in(*options))
        check_touch(desk, *options)
        desk.plug_in(*options)
        check_wrong_pins(desk, *options)
        check_reset(desk, *options)
    finally:
        desk.throw_away()


def main():
    program = sys.argv[1]
    check(program, PinProtocolV2())
    print("ok: a key of CTAP 2.1, PIN protocol two")
    check(program, PinProtocolV1())
    print("ok: a key of CTAP 2.1, PIN protocol one")
    check(program, PinProtocolV1(), "--old")
    print("ok: a key before CTAP 2.1")


main()
