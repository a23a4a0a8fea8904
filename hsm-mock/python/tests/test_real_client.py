"""Yubico's Python client, unchanged, over what it can do; results checked with `cryptography`."""

import os

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_hsm_mock import HsmMock
from yubihsm import YubiHsm
from yubihsm.defs import ALGORITHM, AUDIT, CAPABILITY, COMMAND, ERROR, OBJECT, ORIGIN
from yubihsm.exceptions import YubiHsmAuthenticationError, YubiHsmDeviceError
from yubihsm.objects import (
    AsymmetricKey,
    AuthenticationKey,
    HmacKey,
    KeyAttestationExtensions,
    Opaque,
    OtpAeadKey,
    PublicWrapKey,
    SymmetricKey,
    Template,
    WrapKey,
)

MESSAGE = b"a message"
CURVES = {
    ALGORITHM.EC_P224: ec.SECP224R1,
    ALGORITHM.EC_P256: ec.SECP256R1,
    ALGORITHM.EC_P384: ec.SECP384R1,
    ALGORITHM.EC_P521: ec.SECP521R1,
    ALGORITHM.EC_K256: ec.SECP256K1,
    ALGORITHM.EC_BP256: ec.BrainpoolP256R1,
    ALGORITHM.EC_BP384: ec.BrainpoolP384R1,
    ALGORITHM.EC_BP512: ec.BrainpoolP512R1,
}


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


def generate(session, algorithm, can, domains=1):
    return AsymmetricKey.generate(session, 0, "key", domains, can, algorithm)


def test_it_says_what_it_is(hsm, session):
    info = hsm.get_device_info()
    assert (info.serial, info.log_size) == (1, 62)
    assert "MOCK" in (info.part_number or "MOCK")
    assert len(session.get_pseudo_random(100)) == 100
    assert session.list_objects()[0].object_type == OBJECT.AUTHENTICATION_KEY


@pytest.mark.parametrize("algorithm", CURVES)
def test_ecdsa_and_ecdh_on_every_curve(session, algorithm):
    curve = CURVES[algorithm]()
    ours = ec.generate_private_key(curve)
    can = CAPABILITY.SIGN_ECDSA | CAPABILITY.DERIVE_ECDH
    for key in (
        generate(session, algorithm, can),
        AsymmetricKey.put(session, 0, "key", 1, can, ec.generate_private_key(curve)),
    ):
        public = key.get_public_key()
        for hash in (hashes.SHA1(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
            public.verify(key.sign_ecdsa(MESSAGE, hash), MESSAGE, ec.ECDSA(hash))
        shared = key.derive_ecdh(ours.public_key())
        assert shared == ours.exchange(ec.ECDH(), public)


def test_eddsa(session):
    ours = ed25519.Ed25519PrivateKey.generate()
    put = AsymmetricKey.put(session, 0, "key", 1, CAPABILITY.SIGN_EDDSA, ours)
    assert put.sign_eddsa(MESSAGE) == ours.sign(MESSAGE)
    made = generate(session, ALGORITHM.EC_ED25519, CAPABILITY.SIGN_EDDSA)
    made.get_public_key().verify(made.sign_eddsa(MESSAGE), MESSAGE)


def test_rsa(session, rsa_key):
    can = (
        CAPABILITY.SIGN_PKCS
        | CAPABILITY.SIGN_PSS
        | CAPABILITY.DECRYPT_PKCS
        | CAPABILITY.DECRYPT_OAEP
    )
    for key in (
        AsymmetricKey.put(session, 0, "key", 1, can, rsa_key),
        generate(session, ALGORITHM.RSA_2048, can),
    ):
        public = key.get_public_key()
        for hash in (hashes.SHA1(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
            signature = key.sign_pkcs1v1_5(MESSAGE, hash)
            public.verify(signature, MESSAGE, padding.PKCS1v15(), hash)
            pss = padding.PSS(padding.MGF1(hash), hash.digest_size)
            signature = key.sign_pss(MESSAGE, hash.digest_size, hash, hash)
            public.verify(signature, MESSAGE, pss, hash)
            oaep = padding.OAEP(padding.MGF1(hash), hash, b"label")
            sealed = public.encrypt(MESSAGE, oaep)
            assert key.decrypt_oaep(sealed, b"label", hash, hash) == MESSAGE
        sealed = public.encrypt(MESSAGE, padding.PKCS1v15())
        assert key.decrypt_pkcs1v1_5(sealed) == MESSAGE


@pytest.mark.parametrize(
    "algorithm, hash",
    [
        (ALGORITHM.HMAC_SHA1, hashes.SHA1()),
        (ALGORITHM.HMAC_SHA256, hashes.SHA256()),
        (ALGORITHM.HMAC_SHA384, hashes.SHA384()),
        (ALGORITHM.HMAC_SHA512, hashes.SHA512()),
    ],
)
@pytest.mark.parametrize("length", [8, 200])
def test_hmac(session, algorithm, hash, length):
    secret = os.urandom(length)
    can = CAPABILITY.SIGN_HMAC | CAPABILITY.VERIFY_HMAC
    key = HmacKey.put(session, 0, "key", 1, can, secret, algorithm)
    ours = hmac.HMAC(secret, hash)
    ours.update(MESSAGE)
    tag = ours.finalize()
    assert key.sign_hmac(MESSAGE) == tag
    assert key.verify_hmac(tag, MESSAGE)
    assert not key.verify_hmac(tag, MESSAGE + b"!")


@pytest.mark.hsm_mock(firmware="2.4.0")
def test_aes(session):
    can = (
        CAPABILITY.ENCRYPT_ECB
        | CAPABILITY.DECRYPT_ECB
        | CAPABILITY.ENCRYPT_CBC
        | CAPABILITY.DECRYPT_CBC
    )
    secret, iv, data = os.urandom(32), os.urandom(16), os.urandom(64)
    key = SymmetricKey.put(session, 0, "key", 1, can, ALGORITHM.AES256, secret)
    for mode, encrypted, decrypt in (
        (modes.ECB(), key.encrypt_ecb(data), key.decrypt_ecb),
        (modes.CBC(iv), key.encrypt_cbc(iv, data), lambda data: key.decrypt_cbc(iv, data)),
    ):
        ours = Cipher(algorithms.AES(secret), mode).encryptor()
        assert encrypted == ours.update(data) + ours.finalize()
        assert decrypt(encrypted) == data
    made = SymmetricKey.generate(session, 0, "key", 1, can, ALGORITHM.AES128)
    assert made.decrypt_ecb(made.encrypt_ecb(data)) == data


def wrap_key(session):
    can = (
        CAPABILITY.EXPORT_WRAPPED
        | CAPABILITY.IMPORT_WRAPPED
        | CAPABILITY.WRAP_DATA
        | CAPABILITY.UNWRAP_DATA
    )
    return WrapKey.generate(
        session, 0, "wrap", 1, can, ALGORITHM.AES256_CCM_WRAP, CAPABILITY.ALL
    )


def test_objects_and_data_under_aes_wrap(session):
    wrap = wrap_key(session)
    assert len(wrap.wrap_data(b"Hello world!")) == 42
    assert wrap.unwrap_data(wrap.wrap_data(MESSAGE)) == MESSAGE
    can = CAPABILITY.EXPORTABLE_UNDER_WRAP | CAPABILITY.SIGN_ECDSA
    key = generate(session, ALGORITHM.EC_P256, can, domains=3)
    public = key.get_public_key()
    wrapped = wrap.export_wrapped(key)
    key.delete()
    back = wrap.import_wrapped(wrapped)
    info = back.get_info()
    assert back.get_public_key() == public
    assert info.domains == 1
    assert info.origin == ORIGIN.GENERATED | ORIGIN.IMPORTED_WRAPPED


@pytest.mark.hsm_mock(firmware="2.4.0")
def test_objects_and_keys_under_rsa_wrap(session, rsa_key):
    private = WrapKey.put(
        session, 0, "wrap", 1, CAPABILITY.IMPORT_WRAPPED, ALGORITHM.RSA_2048, CAPABILITY.ALL,
        rsa_key,
    )
    public = PublicWrapKey.put(
        session, 0, "wrap", 1, CAPABILITY.EXPORT_WRAPPED, CAPABILITY.ALL, rsa_key.public_key()
    )
    key = generate(session, ALGORITHM.EC_P256, CAPABILITY.EXPORTABLE_UNDER_WRAP)
    before = key.get_public_key()
    wrapped, raw = public.export_wrapped_rsa(key), public.export_raw_key(key)
    key.delete()
    assert private.import_wrapped_rsa(wrapped).get_public_key() == before
    again = private.import_raw_key(
        0, OBJECT.ASYMMETRIC_KEY, "raw", 1, CAPABILITY.NONE, ALGORITHM.EC_P256, raw
    )
    assert again.get_public_key() == before


def test_otp(session):
    can = (
        CAPABILITY.CREATE_OTP_AEAD
        | CAPABILITY.DECRYPT_OTP
        | CAPABILITY.RANDOMIZE_OTP_AEAD
        | CAPABILITY.REWRAP_FROM_OTP_AEAD_KEY
        | CAPABILITY.REWRAP_TO_OTP_AEAD_KEY
    )
    algorithm = ALGORITHM.AES128_YUBICO_OTP
    first = OtpAeadKey.put(session, 0, "otp", 1, can, algorithm, 7, os.urandom(16))
    second = OtpAeadKey.generate(session, 0, "otp", 1, can, algorithm, 8)
    # Yubico's first published password.
    aead = first.create_otp_aead(bytes(range(16)), bytes([1, 2, 3, 4, 5, 6]))
    aead = first.rewrap_otp_aead(second.id, aead)
    data = second.decrypt_otp(aead, bytes.fromhex("2f5d71a4915dec304aa13ccf97bb0dbb"))
    assert (data.use_counter, data.session_counter) == (1, 1)
    assert len(first.randomize_otp_aead()) == len(aead)


def test_bytes_and_certificates(session):
    opaque = Opaque.put(session, 0, "data", 1, CAPABILITY.NONE, ALGORITHM.OPAQUE_DATA, MESSAGE)
    assert opaque.get() == MESSAGE
    template = Template.put(
        session, 0, "template", 1, CAPABILITY.NONE, ALGORITHM.TEMPLATE_SSH, MESSAGE
    )
    assert template.get() == MESSAGE
    certificate = Opaque(session, 0).get_certificate()
    stored = Opaque.put_certificate(session, 0, "x", 1, CAPABILITY.NONE, certificate)
    assert stored.get_certificate() == certificate
    labelled = session.list_objects(label="data")
    assert [found.id for found in labelled] == [opaque.id]


def test_attestation_ends_at_the_mock_root(hsm_mock_certificates, session):
    root, sub_ca = hsm_mock_certificates
    key = generate(session, ALGORITHM.EC_P256, CAPABILITY.SIGN_ECDSA)
    attested = key.attest()
    device = Opaque(session, 0).get_certificate()
    for certificate, issuer in ((attested, device), (device, sub_ca), (sub_ca, root), (root, root)):
        certificate.verify_directly_issued_by(issuer)
    extensions = KeyAttestationExtensions.parse(attested)
    assert (extensions.serial, extensions.object_id) == (1, key.id)
    assert (extensions.label, extensions.origin) == ("key", ORIGIN.GENERATED)
    assert extensions.capabilities == CAPABILITY.SIGN_ECDSA
    assert attested.public_key() == key.get_public_key()


@pytest.fixture
def hsm_mock_certificates(tmp_path):
    with HsmMock(root_dir=tmp_path):
        names = ("mock-root.pem", "mock-sub-ca.pem")
        return [x509.load_pem_x509_certificate((tmp_path / name).read_bytes()) for name in names]


def test_authentication_keys(hsm, session):
    can = CAPABILITY.CHANGE_AUTHENTICATION_KEY
    key = AuthenticationKey.put_derived(session, 2, "user", 1, can, CAPABILITY.NONE, "first")
    with hsm.create_session_derived(2, "first") as user:
        key.with_session(user).change_password("second")
    with pytest.raises(YubiHsmAuthenticationError):
        hsm.create_session_derived(2, "first")
    hsm.create_session_derived(2, "second").close()


@pytest.mark.hsm_mock(firmware="2.4.0")
def test_asymmetric_authentication(hsm, session):
    ours = ec.generate_private_key(ec.SECP256R1())
    AuthenticationKey.put_public_key(
        session, 2, "user", 1, CAPABILITY.GET_PSEUDO_RANDOM, CAPABILITY.NONE, ours.public_key()
    )
    with hsm.create_session_asymmetric(2, ours, hsm.get_device_public_key()) as user:
        assert len(user.get_pseudo_random(16)) == 16


def test_log(session):
    session.set_command_audit({COMMAND.LIST_OBJECTS: AUDIT.ON})
    session.list_objects()
    session.list_objects()
    entries = session.get_log_entries().entries
    assert [entry.command for entry in entries[-2:]] == [COMMAND.LIST_OBJECTS] * 2
    assert all(after.validate(before) for before, after in zip(entries, entries[1:]))
    session.set_log_index(entries[-1].number)
    assert session.get_log_entries(entries[-1]).entries == []


def test_options(session):
    session.set_force_audit(AUDIT.ON)
    assert session.get_force_audit() == AUDIT.ON
    session.set_enabled_algorithms({ALGORITHM.EC_P256: False})
    with pytest.raises(YubiHsmDeviceError) as refused:
        generate(session, ALGORITHM.EC_P256, CAPABILITY.NONE)
    assert refused.value.code == ERROR.ALGORITHM_DISABLED
    session.set_enabled_algorithms({ALGORITHM.EC_P256: True})
    assert session.get_enabled_algorithms()[ALGORITHM.EC_P256]


@pytest.mark.hsm_mock(firmware="2.5.0", fips=True)
def test_fips_mode(session):
    session.set_fips_mode(True)
    AuthenticationKey(session, 1).change_password("another password")
    with pytest.raises(YubiHsmDeviceError) as refused:
        generate(session, ALGORITHM.EC_K256, CAPABILITY.NONE)
    assert refused.value.code == ERROR.ALGORITHM_DISABLED


@pytest.mark.hsm_mock(firmware="2.2.0")
def test_an_older_firmware_does_not_know_what_came_later(session):
    with pytest.raises(YubiHsmDeviceError) as refused:
        SymmetricKey.generate(session, 0, "key", 1, CAPABILITY.NONE, ALGORITHM.AES128)
    assert refused.value.code == ERROR.INVALID_COMMAND


def test_a_tampered_signature_does_not_verify(session):
    key = generate(session, ALGORITHM.EC_P256, CAPABILITY.SIGN_ECDSA)
    signature = key.sign_ecdsa(MESSAGE)
    with pytest.raises(InvalidSignature):
        key.get_public_key().verify(signature, MESSAGE + b"!", ec.ECDSA(hashes.SHA256()))


def test_reset(hsm_mock, session):
    generate(session, ALGORITHM.EC_P256, CAPABILITY.NONE)
    session.reset_device()
    # The client has closed its connection.
    with YubiHsm.connect(hsm_mock.url) as hsm:
        assert len(hsm.create_session_derived(1, "password").list_objects()) == 1


def test_faults(hsm_mock, hsm, session):
    hsm_mock.control("fail 0x07")
    with pytest.raises(YubiHsmDeviceError) as refused:
        session.get_pseudo_random(8)
    assert refused.value.code == ERROR.STORAGE_FAILED
    assert len(session.get_pseudo_random(8)) == 8
    hsm_mock.control("power-cycle")
    with pytest.raises(YubiHsmDeviceError) as refused:
        session.get_pseudo_random(8)
    assert refused.value.code == ERROR.INVALID_SESSION


def test_over_tls(tmp_path, monkeypatch):
    with HsmMock(tls=True, root_dir=tmp_path) as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "mock-tls.pem"))
        with YubiHsm.connect(running.url) as hsm:
            assert hsm.get_device_info().serial == 1


def test_public_keys_are_in_a_form_that_others_read(session):
    key = generate(session, ALGORITHM.EC_P256, CAPABILITY.NONE)
    pem = key.get_public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert pem.startswith(b"-----BEGIN PUBLIC KEY-----")
