//! The host's half of SCP03 as the YubiHSM2 speaks it: keys, cryptograms, encryption, chained MACs.
//! No IO.
//!
//! Source: GlobalPlatform SCP03 1.1.2, sections 4.1.5, 6.2; developers.yubico.com/YubiHSM2,
//! Session, Create Session.

use super::AuthKey;
use aes::Aes128;
use aes::cipher::block_padding::Iso7816;
use aes::cipher::{BlockDecryptMut, BlockEncrypt, BlockEncryptMut, InnerIvInit, KeyInit};
use cmac::{Cmac, Mac};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of a challenge, a cryptogram and a truncated MAC.
pub(crate) const SHORT: usize = 8;
type Key = Zeroizing<[u8; 16]>;

/// Why an answer is not the device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChannelError {
    WrongKey,
    BadMac,
    BadPadding,
}

/// One session's keys and counters.
pub(crate) struct SecureChannel {
    encryption: Key,
    mac: Key,
    response_mac: Key,
    context: [u8; 2 * SHORT],
    chaining: [u8; 16],
    counter: u32,
}

impl SecureChannel {
    /// Derives the session keys and checks that the device has the same ones.
    ///
    /// # Errors
    /// [`ChannelError::WrongKey`] if the device holds another authentication key.
    pub(crate) fn new(
        key: &AuthKey,
        host: [u8; SHORT],
        card: [u8; SHORT],
        cryptogram: &[u8],
    ) -> Result<Self, ChannelError> {
        let mut context = [0; 2 * SHORT];
        context[..SHORT].copy_from_slice(&host);
        context[SHORT..].copy_from_slice(&card);
        let channel = Self {
            encryption: derive(key.encryption(), 0x04, &context),
            mac: derive(key.mac(), 0x06, &context),
            response_mac: derive(key.mac(), 0x07, &context),
            context,
            chaining: [0; 16],
            counter: 0,
        };
        match bool::from(channel.cryptogram(0x00).ct_eq(cryptogram)) {
            true => Ok(channel),
            false => Err(ChannelError::WrongKey),
        }
    }

    /// Data of Authenticate Session, without session id and MAC.
    pub(crate) fn host_cryptogram(&self) -> [u8; SHORT] {
        self.cryptogram(0x01)
    }

    fn cryptogram(&self, constant: u8) -> [u8; SHORT] {
        let mut out = [0; SHORT];
        out.copy_from_slice(&kdf(self.mac.as_ref(), constant, 64, &self.context)[..SHORT]);
        out
    }

    /// The MAC that the next message continues, for [`Self::unsend`].
    pub(crate) fn chaining(&self) -> [u8; 16] {
        self.chaining
    }

    /// Forgets a framed message that was not sent.
    pub(crate) fn unsend(&mut self, chaining: [u8; 16]) {
        self.chaining = chaining;
    }

    /// Goes on as if the answer to the last message had been read: where the device stands if it
    /// saw the message.
    pub(crate) fn answer_lost(&mut self) {
        self.counter += 1;
    }

    /// Frames `command` with session id and chained MAC.
    pub(crate) fn frame(&mut self, command: u8, session: u8, data: &[u8]) -> Vec<u8> {
        let length =
            u16::try_from(1 + data.len() + SHORT).expect("messages are bounded by the caller");
        let mut message = vec![command];
        message.extend_from_slice(&length.to_be_bytes());
        message.push(session);
        message.extend_from_slice(data);
        self.chaining = cmac(self.mac.as_ref(), &[&self.chaining, &message]);
        message.extend_from_slice(&self.chaining[..SHORT]);
        message
    }

    /// From here on messages are encrypted.
    pub(crate) fn authenticated(&mut self) {
        self.counter = 1;
    }

    /// Encrypts an inner command; frame the result as a session message.
    pub(crate) fn encrypt(&self, inner: &[u8]) -> Vec<u8> {
        let cipher = Aes128::new(self.encryption.as_ref().into());
        let iv = self.iv(&cipher);
        cbc::Encryptor::inner_iv_init(cipher, &iv).encrypt_padded_vec_mut::<Iso7816>(inner)
    }

    /// Checks and decrypts `code || length || session || ciphertext || mac`, and moves to the next
    /// counter.
    ///
    /// # Errors
    /// [`ChannelError::BadMac`], [`ChannelError::BadPadding`]: throw the session away.
    pub(crate) fn decrypt(&mut self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let split =
            message.len().checked_sub(SHORT).filter(|n| *n >= 4).ok_or(ChannelError::BadMac)?;
        let (signed, tag) = message.split_at(split);
        let expected = cmac(self.response_mac.as_ref(), &[&self.chaining, signed]);
        if !bool::from(expected[..SHORT].ct_eq(tag)) {
            return Err(ChannelError::BadMac);
        }
        let cipher = Aes128::new(self.encryption.as_ref().into());
        let iv = self.iv(&cipher);
        self.counter += 1;
        let plain = cbc::Decryptor::inner_iv_init(cipher, &iv)
            .decrypt_padded_vec_mut::<Iso7816>(&signed[4..]);
        plain.map(Zeroizing::new).map_err(|_| ChannelError::BadPadding)
    }

    fn iv(&self, cipher: &Aes128) -> aes::Block {
        let mut block = aes::Block::default();
        block[12..].copy_from_slice(&self.counter.to_be_bytes());
        cipher.encrypt_block(&mut block);
        block
    }
}

fn derive(key: &[u8], constant: u8, context: &[u8; 16]) -> Key {
    Zeroizing::new(kdf(key, constant, 128, context))
}

/// SP 800-108 in counter mode, one block: label (11 zeros, constant), 00, length in bits, 01,
/// context.
fn kdf(key: &[u8], constant: u8, bits: u16, context: &[u8; 16]) -> [u8; 16] {
    let mut block = [0; 16];
    block[11] = constant;
    block[13..15].copy_from_slice(&bits.to_be_bytes());
    block[15] = 0x01;
    cmac(key, &[&block, context])
}

fn cmac(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = <Cmac<Aes128> as KeyInit>::new_from_slice(key).expect("all keys have 16 bytes");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
