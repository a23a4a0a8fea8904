//! One end of an SCP03 channel: the card's.
//!
//! Source: GlobalPlatform SCP03 (GPC_SPE_014) with 16-byte AES keys and 8-byte MACs, as YubiHSM2
//! uses it.

use aes::Aes128;
use aes::cipher::block_padding::Iso7816;
use aes::cipher::{BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use cmac::{Cmac, Mac};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::crypto::ec::Curve;
use crate::crypto::hash::Hash;
use crate::device_error::DeviceError;
use crate::frame;
use crate::rng::DeviceRng;

/// Bytes of an AES key of the channel.
pub(crate) const KEY: usize = 16;
/// Bytes of a challenge.
pub(crate) const CHALLENGE: usize = 8;
/// Bytes of a cryptogram.
pub(crate) const CRYPTOGRAM: usize = 8;
/// Bytes of a message MAC: the first half of a CMAC.
const MAC: usize = 8;
/// Bytes of the chaining value: a whole CMAC.
const CHAIN: usize = 16;

/// Derivation constants (GPC_SPE_014 table 4-1).
const CARD_CRYPTOGRAM: u8 = 0x00;
const HOST_CRYPTOGRAM: u8 = 0x01;
const S_ENC: u8 = 0x04;
const S_MAC: u8 = 0x06;
const S_RMAC: u8 = 0x07;

/// Session keys and counters. Not authenticated until the host's cryptogram was verified.
pub(crate) struct SecureChannel {
    id: u8,
    enc: Zeroizing<[u8; KEY]>,
    mac: Zeroizing<[u8; KEY]>,
    rmac: Zeroizing<[u8; KEY]>,
    context: [u8; 2 * CHALLENGE],
    chain: [u8; CHAIN],
    counter: u128,
}

/// What the device answers to a host with a P-256 key.
pub(crate) struct Agreed {
    /// Its ephemeral key, `04 || x || y`.
    pub public: Vec<u8>,
    pub receipt: [u8; CHAIN],
}

impl Drop for SecureChannel {
    fn drop(&mut self) {
        self.chain.zeroize();
    }
}

impl SecureChannel {
    /// Derives the session keys from an authentication key's `K-ENC || K-MAC` and both challenges.
    pub(crate) fn new(
        id: u8,
        keys: &[u8],
        host: [u8; CHALLENGE],
        card: [u8; CHALLENGE],
    ) -> Result<Self, DeviceError> {
        let (key_enc, key_mac) = keys.split_first_chunk::<KEY>().ok_or(DeviceError::InvalidData)?;
        let key_mac: &[u8; KEY] = key_mac.try_into().map_err(|_| DeviceError::InvalidData)?;
        let mut context = [0; 2 * CHALLENGE];
        context[..CHALLENGE].copy_from_slice(&host);
        context[CHALLENGE..].copy_from_slice(&card);
        Ok(Self {
            id,
            enc: derive(key_enc, S_ENC, &context),
            mac: derive(key_mac, S_MAC, &context),
            rmac: derive(key_mac, S_RMAC, &context),
            context,
            chain: [0; CHAIN],
            counter: 0,
        })
    }

    /// Derives the session keys from both hosts' and both devices' P-256 keys, and the receipt that
    /// proves the device: SCP11a as YubiHSM2 uses it (python-yubihsm, `AsymmetricAuth`). `host` is
    /// the ephemeral key of the host, `04 || x || y`. Such a session needs no more authentication:
    /// the first message proves the host.
    pub(crate) fn agreed(
        id: u8,
        host: &[u8],
        host_static: &[u8],
        device_static: &[u8],
        rng: &mut DeviceRng,
    ) -> Result<(Self, Agreed), DeviceError> {
        let ephemeral = Curve::P256.generate(rng);
        let fresh = Curve::P256.ecdh(&ephemeral, host)?;
        let lasting = Curve::P256.ecdh(device_static, &[&[0x04], host_static].concat())?;
        let keys = Zeroizing::new(x963_kdf(&[&fresh[..], &lasting].concat()));
        let key = |index: usize| {
            let mut key = Zeroizing::new([0; KEY]);
            key.copy_from_slice(&keys[index * KEY..(index + 1) * KEY]);
            key
        };
        let public = [&[0x04], &ephemeral[32..]].concat();
        let receipt = cmac(&key(0), &[&public, host]);
        let channel = Self {
            id,
            enc: key(1),
            mac: key(2),
            rmac: key(3),
            context: [0; 2 * CHALLENGE],
            chain: receipt,
            counter: 1,
        };
        Ok((channel, Agreed { public, receipt }))
    }

    /// What proves the device to the host.
    pub(crate) fn card_cryptogram(&self) -> [u8; CRYPTOGRAM] {
        self.cryptogram(CARD_CRYPTOGRAM)
    }

    fn cryptogram(&self, constant: u8) -> [u8; CRYPTOGRAM] {
        let mut message = kdf_input(constant, CRYPTOGRAM, &self.context);
        let tag = cmac(&self.mac, &[&message]);
        message.zeroize();
        let mut cryptogram = [0; CRYPTOGRAM];
        cryptogram.copy_from_slice(&tag[..CRYPTOGRAM]);
        cryptogram
    }

    /// Verifies `AUTHENTICATE SESSION`, whose data is session id, host cryptogram and MAC.
    pub(crate) fn authenticate(&mut self, command: u8, data: &[u8]) -> Result<(), DeviceError> {
        let payload = self.verify_mac(command, data)?;
        let expected = self.cryptogram(HOST_CRYPTOGRAM);
        if payload.len() != CRYPTOGRAM {
            return Err(DeviceError::WrongLength);
        }
        if !bool::from(expected.ct_eq(payload)) {
            return Err(DeviceError::AuthenticationFailed);
        }
        self.counter = 1;
        Ok(())
    }

    /// Verifies and decrypts `SESSION MESSAGE`, whose data is session id, ciphertext and MAC.
    pub(crate) fn open(
        &mut self,
        command: u8,
        data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        let ciphertext = self.verify_mac(command, data)?;
        let iv = self.iv();
        let cipher = cbc::Decryptor::<Aes128>::new((&*self.enc).into(), &iv.into());
        let plaintext = cipher.decrypt_padded_vec::<Iso7816>(ciphertext);
        plaintext.map(Zeroizing::new).map_err(|_| DeviceError::InvalidData)
    }

    /// Encrypts a response to the last opened message and adds its MAC: the data of the outer
    /// response.
    pub(crate) fn seal(&mut self, command: u8, response: &[u8]) -> Vec<u8> {
        let cipher = cbc::Encryptor::<Aes128>::new((&*self.enc).into(), &self.iv().into());
        let ciphertext = cipher.encrypt_padded_vec::<Iso7816>(response);
        self.counter += 1;
        let mut data = Vec::with_capacity(1 + ciphertext.len() + MAC);
        data.push(self.id);
        data.extend_from_slice(&ciphertext);
        let header = header(command | frame::RESPONSE, data.len() + MAC);
        let tag = cmac(&self.rmac, &[&self.chain, &header, &data]);
        data.extend_from_slice(&tag[..MAC]);
        data
    }

    /// Checks the MAC over the message so far, moves the chain on, and returns what is between id
    /// and MAC.
    fn verify_mac<'a>(&mut self, command: u8, data: &'a [u8]) -> Result<&'a [u8], DeviceError> {
        let (covered, mac) = data.split_last_chunk::<MAC>().ok_or(DeviceError::WrongLength)?;
        let payload = covered.get(1..).ok_or(DeviceError::WrongLength)?;
        let tag = cmac(&self.mac, &[&self.chain, &header(command, data.len()), covered]);
        if !bool::from(tag[..MAC].ct_eq(mac)) {
            return Err(DeviceError::AuthenticationFailed);
        }
        self.chain = tag;
        Ok(payload)
    }

    /// The counter, encrypted: GPC_SPE_014 section 6.2.6.
    fn iv(&self) -> [u8; 16] {
        let mut block = self.counter.to_be_bytes().into();
        Aes128::new((&*self.enc).into()).encrypt_block(&mut block);
        block.into()
    }
}

/// The header of the outer message, which the MAC covers. Lengths are bounded by the message buffer
/// (3,136 bytes).
fn header(code: u8, length: usize) -> [u8; frame::HEADER] {
    let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    [code, high, low]
}

/// ANSI X9.63 with SHA-256: four keys, for AES-128, secure messaging and key agreement (SCP11,
/// table 3-4).
fn x963_kdf(secret: &[u8]) -> [u8; 4 * KEY] {
    const SHARED_INFO: [u8; 3] = [0x3c, 0x88, 0x10];
    let mut keys = [0; 4 * KEY];
    for (counter, chunk) in (1u32..).zip(keys.chunks_mut(2 * KEY)) {
        let mut digest = Hash::Sha256.digest(&[secret, &counter.to_be_bytes(), &SHARED_INFO]);
        chunk.copy_from_slice(&digest);
        digest.zeroize();
    }
    keys
}

fn derive(key: &[u8; KEY], constant: u8, context: &[u8]) -> Zeroizing<[u8; KEY]> {
    Zeroizing::new(cmac(key, &[&kdf_input(constant, KEY, context)]))
}

/// Label (11 zeroes and the constant), separator, length in bits (2), counter 1, context.
fn kdf_input(constant: u8, bytes: usize, context: &[u8]) -> Vec<u8> {
    let mut input = vec![0; 11];
    // 8 or 16 bytes: 64 or 128 bits.
    let bits = u8::try_from(bytes * 8).unwrap_or(u8::MAX);
    input.extend_from_slice(&[constant, 0, 0, bits, 1]);
    input.extend_from_slice(context);
    input
}

fn cmac(key: &[u8; KEY], parts: &[&[u8]]) -> [u8; CHAIN] {
    let mut mac = <Cmac<Aes128> as KeyInit>::new(key.into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> SecureChannel {
        SecureChannel::new(3, &[0x40; 32], [1; 8], [2; 8]).unwrap()
    }

    /// The host's side, written out: MAC over chain, header, id and payload.
    fn host_message(
        chain: &[u8; 16],
        card: &SecureChannel,
        command: u8,
        payload: &[u8],
    ) -> Vec<u8> {
        let mut data = vec![card.id];
        data.extend_from_slice(payload);
        let tag = cmac(&card.mac, &[chain, &header(command, data.len() + MAC), &data]);
        data.extend_from_slice(&tag[..MAC]);
        data
    }

    #[test]
    fn a_right_cryptogram_authenticates_once() {
        let mut card = channel();
        let message = host_message(&[0; 16], &card, 4, &card.cryptogram(HOST_CRYPTOGRAM));
        card.authenticate(4, &message).unwrap();
        assert_eq!(card.authenticate(4, &message), Err(DeviceError::AuthenticationFailed));
    }

    #[test]
    fn a_wrong_cryptogram_or_mac_does_not() {
        let mut card = channel();
        let message = host_message(&[0; 16], &card, 4, &[0; 8]);
        assert_eq!(card.authenticate(4, &message), Err(DeviceError::AuthenticationFailed));
        let mut card = channel();
        let mut message = host_message(&[0; 16], &card, 4, &card.cryptogram(HOST_CRYPTOGRAM));
        message[16] ^= 1;
        assert_eq!(card.authenticate(4, &message), Err(DeviceError::AuthenticationFailed));
        assert_eq!(card.authenticate(4, &[3]), Err(DeviceError::WrongLength));
    }

    #[test]
    fn a_replayed_message_is_refused() {
        let mut card = channel();
        card.counter = 1;
        let iv = card.iv();
        let ciphertext = cbc::Encryptor::<Aes128>::new((&*card.enc).into(), &iv.into())
            .encrypt_padded_vec::<Iso7816>(&[1, 0, 0]);
        let message = host_message(&[0; 16], &card, 5, &ciphertext);
        assert_eq!(card.open(5, &message).unwrap().as_slice(), [1, 0, 0]);
        card.seal(5, &[0x81, 0, 0]);
        assert_eq!(card.open(5, &message), Err(DeviceError::AuthenticationFailed));
    }
}
