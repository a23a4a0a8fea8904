//! SSH certificate requests, and the templates they must keep to.
//!
//! Source: OpenSSH `PROTOCOL.certkeys`; yubihsm-ssh-tool, which makes both; yubihsm-shell's
//! example.

use crate::device_error::DeviceError;
use crate::input::Input;

const CERTIFICATE_TYPE: &[u8] = b"ssh-rsa-cert-v01@openssh.com";
/// "No limit" for the end of a validity.
const FOREVER: u32 = u32::MAX;

/// The constraints of a template: tag (1), length (2) and value of each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Template<'a> {
    pub timestamp_algorithm: u8,
    pub timestamp_key: &'a [u8],
    /// Pairs of bytes.
    ca_keys: &'a [u8],
    /// Seconds that a validity may begin before, and end after, the time of the request.
    before: u32,
    after: u32,
    /// Each with a zero at its end.
    blocked_principals: &'a [u8],
}

impl<'a> Template<'a> {
    /// # Errors
    /// `INVALID_DATA` for an unknown tag or a value of a wrong length.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DeviceError> {
        Self::parse(bytes).map_err(|_| DeviceError::InvalidData)
    }

    fn parse(bytes: &'a [u8]) -> Result<Self, DeviceError> {
        let mut template = Self::default();
        let mut input = Input::new(bytes);
        while !input.is_empty() {
            let tag = input.u8()?;
            let length = usize::from(input.u16()?);
            let value = input.take(length)?;
            let number = || -> Result<u32, DeviceError> {
                let bytes = value.try_into().map_err(|_| DeviceError::InvalidData)?;
                Ok(u32::from_be_bytes(bytes))
            };
            match (tag, value) {
                (1, [algorithm]) => template.timestamp_algorithm = *algorithm,
                (2, key) => template.timestamp_key = key,
                (3, keys) if keys.len().is_multiple_of(2) => template.ca_keys = keys,
                (4, _) => template.before = number()?,
                (5, _) => template.after = number()?,
                (6, names) => template.blocked_principals = names,
                _ => return Err(DeviceError::InvalidData),
            }
        }
        Ok(template)
    }

    /// Checks a request made at `now` (seconds since 1970) for the CA key `ca`.
    ///
    /// # Errors
    /// `SSH_CA_CONSTRAINT_VIOLATION`
    pub(super) fn check(
        &self,
        request: &Request<'_>,
        ca: u16,
        now: u32,
    ) -> Result<(), DeviceError> {
        let listed = self.ca_keys.as_chunks::<2>().0.contains(&ca.to_be_bytes());
        let blocked = self.blocked_principals.split(|byte| *byte == 0).filter(|n| !n.is_empty());
        // A certificate without principals is for all of them.
        let names_blocked = request.principals.is_empty() && blocked.clone().count() > 0
            || blocked.into_iter().any(|name| request.principals.contains(&name));
        let keeps = listed && !names_blocked && self.covers(request, now);
        if keeps { Ok(()) } else { Err(DeviceError::SshCaConstraintViolation) }
    }

    /// No limits at all are what Yubico's example has: from 0 to the end of time is within them.
    fn covers(&self, request: &Request<'_>, now: u32) -> bool {
        let is_open = self.before == 0 && self.after == FOREVER;
        let now = u64::from(now);
        let begins = now.saturating_sub(u64::from(self.before));
        let ends = now.saturating_add(u64::from(self.after));
        is_open || (request.valid_after >= begins && request.valid_before <= ends)
    }
}

/// A certificate without its signature.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    principals: Vec<&'a [u8]>,
    valid_after: u64,
    valid_before: u64,
}

impl<'a> Request<'a> {
    /// # Errors
    /// `INVALID_DATA` if it is not an RSA certificate to the last field before the signature.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DeviceError> {
        Self::parse(bytes).map_err(|_| DeviceError::InvalidData)
    }

    fn parse(bytes: &'a [u8]) -> Result<Self, DeviceError> {
        let mut input = Input::new(bytes);
        if string(&mut input)? != CERTIFICATE_TYPE {
            return Err(DeviceError::InvalidData);
        }
        for _ in ["nonce", "exponent", "modulus"] {
            string(&mut input)?;
        }
        let _serial = input.array::<8>()?;
        let _kind = input.array::<4>()?;
        let _key_id = string(&mut input)?;
        let mut names = Input::new(string(&mut input)?);
        let mut principals = Vec::new();
        while !names.is_empty() {
            principals.push(string(&mut names)?);
        }
        let valid_after = u64::from_be_bytes(input.array()?);
        let valid_before = u64::from_be_bytes(input.array()?);
        for _ in ["critical options", "extensions", "reserved", "CA key"] {
            string(&mut input)?;
        }
        input.finish()?;
        Ok(Self { principals, valid_after, valid_before })
    }
}

/// Length (4) and bytes.
fn string<'a>(input: &mut Input<'a>) -> Result<&'a [u8], DeviceError> {
    let length = u32::from_be_bytes(input.array()?);
    let length = usize::try_from(length).map_err(|_| DeviceError::InvalidData)?;
    input.take(length)
}

/// A string as SSH writes it.
pub(super) fn write_string(bytes: &[u8]) -> Vec<u8> {
    // Bounded by the message buffer (3,136 bytes).
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(before: u32, after: u32, blocked: &'static [u8]) -> Template<'static> {
        Template {
            ca_keys: &[0, 5],
            before,
            after,
            blocked_principals: blocked,
            ..Template::default()
        }
    }

    fn request(names: &[&'static [u8]], valid_after: u64, valid_before: u64) -> Request<'static> {
        Request { principals: names.to_vec(), valid_after, valid_before }
    }

    #[test]
    fn a_request_keeps_to_key_time_and_names() {
        let hour = template(3600, 3600, b"root\0");
        let good = request(&[b"user"], 10_000 - 3600, 10_000 + 3600);
        assert_eq!(hour.check(&good, 5, 10_000), Ok(()));
        let violation = Err(DeviceError::SshCaConstraintViolation);
        assert_eq!(hour.check(&good, 6, 10_000), violation, "another CA key");
        assert_eq!(hour.check(&good, 5, 10_001), violation, "it began too early");
        assert_eq!(hour.check(&good, 5, 9_999), violation, "it ends too late");
        let root = request(&[b"user", b"root"], 10_000, 10_000);
        assert_eq!(hour.check(&root, 5, 10_000), violation);
        let everybody = request(&[], 10_000, 10_000);
        assert_eq!(hour.check(&everybody, 5, 10_000), violation);
    }

    #[test]
    fn a_template_without_limits_takes_any_time() {
        let open = template(0, FOREVER, b"");
        assert_eq!(open.check(&request(&[b"user"], 0, u64::MAX), 5, 10_000), Ok(()));
        assert_eq!(open.check(&request(&[], 0, u64::MAX), 5, 10_000), Ok(()));
    }

    #[test]
    fn templates_are_read_tag_by_tag() {
        let bytes = [1, 0, 1, 9, 3, 0, 2, 0, 5, 4, 0, 4, 0, 0, 0, 7, 5, 0, 4, 0, 0, 0, 8];
        let template = Template::read(&bytes).unwrap();
        assert_eq!((template.timestamp_algorithm, template.before, template.after), (9, 7, 8));
        for bad in [&[7, 0, 0][..], &[3, 0, 1, 5], &[4, 0, 1, 5], &[1, 0, 9, 1]] {
            assert!(Template::read(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Template::read(&bytes);
            let _ = Request::read(&bytes);
            let _ = Request::read(&[&write_string(CERTIFICATE_TYPE)[..], &bytes].concat());
        }
    }
}
