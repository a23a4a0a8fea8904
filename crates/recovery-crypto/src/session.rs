//! Noise_NK_P256_AESGCM_SHA256 (Noise specification, revision 34), the responder's static key in a
//! device.
//!
//! The prologue is the bundle's id and the site's index, so both sides speak of the same fleet
//! keys, and as the same site, or do not speak.

use crate::device_key::{DeviceKey, DeviceKeyError, decode};
use rand_core::CryptoRngCore;
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{BoxedCryptoResolver, CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use std::sync::{Arc, Mutex};
use vault_protocol::{BundleId, Point, SiteIndex, limits::MAX_NOISE_MESSAGE};
use zeroize::Zeroizing;

const PATTERN: &str = "Noise_NK_P256_AESGCM_SHA256";
/// 65 bytes of ephemeral key and a 16-byte tag, both ways.
const HANDSHAKE_MESSAGE: usize = 65 + 16;

/// Why there is no session, or no further message in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Altered, replayed, out of order, cut, or from someone without the site's session key.
    #[error("the message does not belong to this session")]
    NotAuthentic,
    /// Noise has messages of 65,535 bytes at most.
    #[error("the message is too long")]
    TooLong,
    /// The bundle's key for this site is wrong.
    #[error("the session key is not a point of the curve")]
    BadKey,
    /// The device did not do its work.
    #[error(transparent)]
    Device(#[from] DeviceKeyError),
}

/// A client that has sent its first message.
pub struct Initiated(Box<snow::HandshakeState>);

/// An open session, either side. Messages are strictly in order.
pub struct Session {
    transport: snow::TransportState,
    handshake: [u8; 32],
}

/// What a session is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prologue {
    /// The bundle that the client verified.
    pub bundle: BundleId,
    /// The site that it means.
    pub site: SiteIndex,
}

impl Prologue {
    fn bytes(&self) -> [u8; 33] {
        let mut bytes = [self.site.0; 33];
        bytes[..32].copy_from_slice(&self.bundle.0);
        bytes
    }
}

/// Opens a session towards the site that holds `session_key`; gives the first message.
pub fn initiate(
    prologue: &Prologue,
    session_key: &Point,
    rng: &mut impl CryptoRngCore,
) -> Result<(Initiated, Vec<u8>), SessionError> {
    decode(session_key).ok_or(SessionError::BadKey)?;
    let resolver = Resolver { ephemeral: seed(rng), device: None };
    let prologue = prologue.bytes();
    let builder = snow::Builder::with_resolver(pattern(), boxed(resolver)).prologue(&prologue);
    let mut state = builder
        .and_then(|b| b.remote_public_key(&session_key.0))
        .and_then(snow::Builder::build_initiator)
        .map_err(refuse)?;
    let message = handshake_message(&mut state)?;
    Ok((Initiated(Box::new(state)), message))
}

impl Initiated {
    /// Reads the site's answer.
    pub fn finish(mut self, message: &[u8]) -> Result<Session, SessionError> {
        read_handshake(&mut self.0, message)?;
        Session::begun(*self.0)
    }
}

/// Answers a client's first message with the device's session key (one ECDH).
pub fn respond(
    prologue: &Prologue,
    session_key: &Arc<dyn DeviceKey>,
    message: &[u8],
    rng: &mut impl CryptoRngCore,
) -> Result<(Session, Vec<u8>), SessionError> {
    let failure = Arc::new(Mutex::new(None));
    let public = session_key.public();
    let device = DeviceDh { key: session_key.clone(), public, failure: failure.clone() };
    let resolver = Resolver { ephemeral: seed(rng), device: Some(device) };
    let prologue = prologue.bytes();
    let builder = snow::Builder::with_resolver(pattern(), boxed(resolver)).prologue(&prologue);
    let mut state = builder
        .and_then(|b| b.local_private_key(DEVICE_HANDLE))
        .and_then(snow::Builder::build_responder)
        .map_err(refuse)?;
    if let Err(e) = read_handshake(&mut state, message) {
        let of_device = failure.lock().ok().and_then(|mut f| f.take());
        return Err(of_device.map_or(e, SessionError::Device));
    }
    let answer = handshake_message(&mut state)?;
    Ok((Session::begun(state)?, answer))
}

impl Session {
    fn begun(state: snow::HandshakeState) -> Result<Self, SessionError> {
        let handshake = state.get_handshake_hash().try_into().map_err(|_| SessionError::BadKey)?;
        Ok(Self { transport: state.into_transport_mode().map_err(refuse)?, handshake })
    }

    /// Names the session: both sides have the same, and nobody can make another session with it
    /// (Noise, section 11.2).
    pub fn handshake_hash(&self) -> [u8; 32] {
        self.handshake
    }

    /// Encrypts the next message, at most [`vault_protocol::limits::MAX_PLAINTEXT`] bytes.
    pub fn seal(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, SessionError> {
        if plaintext.len() + 16 > MAX_NOISE_MESSAGE {
            return Err(SessionError::TooLong);
        }
        let mut out = vec![0; plaintext.len() + 16];
        let len = self.transport.write_message(plaintext, &mut out).map_err(refuse)?;
        out.truncate(len);
        Ok(out)
    }

    /// Decrypts the next message. After an error the session must be dropped.
    pub fn open(&mut self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, SessionError> {
        if message.len() > MAX_NOISE_MESSAGE {
            return Err(SessionError::TooLong);
        }
        let mut out = Zeroizing::new(vec![0; message.len()]);
        let len = self.transport.read_message(message, &mut out).map_err(refuse)?;
        out.truncate(len);
        Ok(out)
    }
}

fn pattern() -> snow::params::NoiseParams {
    PATTERN.parse().expect("the pattern is a constant that snow knows")
}

fn refuse(_: snow::Error) -> SessionError {
    SessionError::NotAuthentic
}

fn handshake_message(state: &mut snow::HandshakeState) -> Result<Vec<u8>, SessionError> {
    let mut out = vec![0; HANDSHAKE_MESSAGE];
    let len = state.write_message(&[], &mut out).map_err(refuse)?;
    out.truncate(len);
    Ok(out)
}

/// Accepts only an empty payload: nothing may be said before both sides are known.
fn read_handshake(state: &mut snow::HandshakeState, message: &[u8]) -> Result<(), SessionError> {
    if message.len() != HANDSHAKE_MESSAGE {
        return Err(SessionError::NotAuthentic);
    }
    let ephemeral = Point::from_slice(&message[..65]).ok_or(SessionError::NotAuthentic)?;
    decode(&ephemeral).ok_or(SessionError::NotAuthentic)?;
    state.read_message(message, &mut [0; HANDSHAKE_MESSAGE]).map(|_| ()).map_err(refuse)
}

/// Passed to snow in place of a private key: tells the resolver's `Dh` that it is the static one.
const DEVICE_HANDLE: &[u8] = b"static key in the device";

struct Resolver {
    ephemeral: Zeroizing<[u8; 32]>,
    device: Option<DeviceDh>,
}

fn boxed(resolver: Resolver) -> BoxedCryptoResolver {
    Box::new(resolver)
}

impl CryptoResolver for Resolver {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Once(Some(self.ephemeral.clone()))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        let software = DefaultResolver.resolve_dh(choice)?;
        Some(Box::new(KeyPair { software, device: self.device.clone(), is_static: false }))
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

/// Hands out the one ephemeral scalar that was drawn from the caller's randomness, once.
struct Once(Option<Zeroizing<[u8; 32]>>);

impl Random for Once {
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), snow::Error> {
        let scalar = self.0.take().ok_or(snow::Error::Rng)?;
        let target = out.get_mut(..32).ok_or(snow::Error::Rng)?;
        target.copy_from_slice(&*scalar);
        Ok(())
    }
}

/// A valid scalar, so that snow's own key derivation cannot fail on it.
fn seed(rng: &mut impl CryptoRngCore) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(p256::SecretKey::random(rng).to_bytes().into())
}

#[derive(Clone)]
struct DeviceDh {
    key: Arc<dyn DeviceKey>,
    public: Point,
    failure: Arc<Mutex<Option<DeviceKeyError>>>,
}

/// snow's key pair: ephemeral in memory, or static in the device once [`DEVICE_HANDLE`] was set.
struct KeyPair {
    software: Box<dyn Dh>,
    device: Option<DeviceDh>,
    is_static: bool,
}

impl KeyPair {
    fn device(&self) -> Option<&DeviceDh> {
        self.device.as_ref().filter(|_| self.is_static)
    }
}

impl Dh for KeyPair {
    fn name(&self) -> &'static str {
        self.software.name()
    }

    fn pub_len(&self) -> usize {
        self.software.pub_len()
    }

    fn priv_len(&self) -> usize {
        self.software.priv_len()
    }

    fn dh_len(&self) -> usize {
        self.software.dh_len()
    }

    fn set(&mut self, _handle: &[u8]) {
        self.is_static = true;
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), snow::Error> {
        self.software.generate(rng)
    }

    fn pubkey(&self) -> &[u8] {
        self.device().map_or_else(|| self.software.pubkey(), |d| &d.public.0)
    }

    fn privkey(&self) -> &[u8] {
        self.device().map_or_else(|| self.software.privkey(), |_| DEVICE_HANDLE)
    }

    fn dh(&self, public: &[u8], out: &mut [u8]) -> Result<(), snow::Error> {
        let Some(device) = self.device() else { return self.software.dh(public, out) };
        let point = public.get(..65).and_then(Point::from_slice).ok_or(snow::Error::Dh)?;
        let shared = device.key.ecdh(&point).map_err(|e| {
            if let Ok(mut slot) = device.failure.lock() {
                *slot = Some(e);
            }
            snow::Error::Dh
        })?;
        out.get_mut(..32).ok_or(snow::Error::Dh)?.copy_from_slice(&*shared);
        Ok(())
    }
}
