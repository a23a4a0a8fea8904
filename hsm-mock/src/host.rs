//! The host's end of a session: what the tests, the benchmark and the fuzz targets of this crate
//! talk to a device with. It sends any bytes, well formed or not, which a client library would not.

use aes::Aes128;
use aes::cipher::block_padding::Iso7816;
use aes::cipher::{BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use cmac::{Cmac, Mac};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;

const CREATE_SESSION: u8 = 0x03;
const AUTHENTICATE_SESSION: u8 = 0x04;
const SESSION_MESSAGE: u8 = 0x05;
const ERROR: u8 = 0x7f;
const RESPONSE: u8 = 0x80;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostError {
    /// The device's error code, to a command inside the session.
    Refused(u8),
    /// The device's error code, to the message around it: the session may be gone.
    Outer(u8),
    /// Not an answer to what was asked.
    Malformed,
}

/// An open session over `T`, which carries a message to the device and brings its answer.
pub struct Host<T> {
    transport: T,
    id: u8,
    enc: [u8; 16],
    mac: [u8; 16],
    rmac: [u8; 16],
    chain: [u8; 16],
    counter: u128,
}

impl<T: FnMut(&[u8]) -> Vec<u8>> Host<T> {
    /// Opens a session with a key that is derived from a password.
    ///
    /// # Errors
    /// [`HostError`]
    pub fn open(transport: T, key: u16, password: &[u8]) -> Result<Self, HostError> {
        let mut keys = [0; 32];
        pbkdf2_hmac::<Sha256>(password, b"Yubico", 10_000, &mut keys);
        Self::open_with_keys(transport, key, &keys)
    }

    /// Opens a session with `K-ENC || K-MAC`.
    ///
    /// # Errors
    /// [`HostError`]
    pub fn open_with_keys(mut transport: T, key: u16, keys: &[u8; 32]) -> Result<Self, HostError> {
        // A fixed challenge: nothing here is secret.
        let challenge = [0x5a; 8];
        let request = plain(CREATE_SESSION, &[&key.to_be_bytes()[..], &challenge].concat());
        let answer = data(CREATE_SESSION, &transport(&request))?;
        let [id, card @ ..] = answer.as_slice() else { return Err(HostError::Malformed) };
        let (card, cryptogram) = card.split_at_checked(8).ok_or(HostError::Malformed)?;
        let context = [&challenge, card].concat();
        let (key_enc, key_mac) = keys.split_at(16);
        let mut session = Self {
            transport,
            id: *id,
            enc: derive(key_enc, 0x04, 128, &context),
            mac: derive(key_mac, 0x06, 128, &context),
            rmac: derive(key_mac, 0x07, 128, &context),
            chain: [0; 16],
            counter: 1,
        };
        if derive(&session.mac, 0x00, 64, &context)[..8] != *cryptogram {
            return Err(HostError::Malformed);
        }
        let proof = derive(&session.mac, 0x01, 64, &context);
        let message = session.framed(AUTHENTICATE_SESSION, &proof[..8]);
        data(AUTHENTICATE_SESSION, &(session.transport)(&message))?;
        Ok(session)
    }

    /// Sends one command and returns the data of its answer.
    ///
    /// # Errors
    /// [`HostError`]
    pub fn command(&mut self, code: u8, data: &[u8]) -> Result<Vec<u8>, HostError> {
        let answer = self.raw(&plain(code, data))?;
        match answer.as_slice() {
            [ERROR, 0, 1, error] => Err(HostError::Refused(*error)),
            [got, high, low, data @ ..]
                if *got == code | RESPONSE
                    && usize::from(u16::from_be_bytes([*high, *low])) == data.len() =>
            {
                Ok(data.to_vec())
            }
            _ => Err(HostError::Malformed),
        }
    }

    /// Sends any bytes in the session and returns what is in the answer.
    ///
    /// # Errors
    /// [`HostError::Outer`], [`HostError::Malformed`]
    pub fn raw(&mut self, inner: &[u8]) -> Result<Vec<u8>, HostError> {
        let sealed = cbc::Encryptor::<Aes128>::new(&self.enc.into(), &self.iv().into())
            .encrypt_padded_vec::<Iso7816>(inner);
        let message = self.framed(SESSION_MESSAGE, &sealed);
        let answer = (self.transport)(&message);
        let answered = data(SESSION_MESSAGE, &answer)?;
        let (signed, tag) = answer.split_last_chunk::<8>().ok_or(HostError::Malformed)?;
        if cmac(&self.rmac, &[&self.chain, signed])[..8] != *tag {
            return Err(HostError::Malformed);
        }
        let sealed = answered.get(1..answered.len() - 8).ok_or(HostError::Malformed)?;
        let opened = cbc::Decryptor::<Aes128>::new(&self.enc.into(), &self.iv().into())
            .decrypt_padded_vec::<Iso7816>(sealed)
            .map_err(|_| HostError::Malformed)?;
        self.counter += 1;
        Ok(opened)
    }

    fn framed(&mut self, code: u8, payload: &[u8]) -> Vec<u8> {
        let data = [&[self.id], payload, &[0; 8]].concat();
        let mut message = plain(code, &data);
        let signed = message.len() - 8;
        self.chain = cmac(&self.mac, &[&self.chain, &message[..signed]]);
        message[signed..].copy_from_slice(&self.chain[..8]);
        message
    }

    fn iv(&self) -> [u8; 16] {
        let mut block = self.counter.to_be_bytes().into();
        Aes128::new(&self.enc.into()).encrypt_block(&mut block);
        block.into()
    }
}

/// Code, length and data.
pub fn plain(code: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    [&[code][..], &length.to_be_bytes(), data].concat()
}

/// The data of an answer outside a session.
///
/// # Errors
/// [`HostError::Outer`], [`HostError::Malformed`]
pub fn data(code: u8, answer: &[u8]) -> Result<Vec<u8>, HostError> {
    match answer {
        [ERROR, 0, 1, error] => Err(HostError::Outer(*error)),
        [got, _, _, data @ ..] if *got == code | RESPONSE => Ok(data.to_vec()),
        _ => Err(HostError::Malformed),
    }
}

/// GPC_SPE_014, section 4.1.5: counter mode of SP 800-108 with one block.
fn derive(key: &[u8], constant: u8, bits: u8, context: &[u8]) -> [u8; 16] {
    let head = [&[0; 11][..], &[constant, 0, 0, bits, 1]].concat();
    cmac(key.first_chunk().expect("keys have 16 bytes"), &[&head, context])
}

fn cmac(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = <Cmac<Aes128> as KeyInit>::new(key.into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
