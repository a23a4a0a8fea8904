//! What a person types to say where.

use std::fmt;
use url::Url;

/// A place that is no folder of this computer. As text it holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `s3://bucket/folder`, with `?endpoint=https://host&region=name` for others than Amazon's.
    S3(Bucket),
    /// `https://host/path`: WebDAV, such as Nextcloud's. `http://` only on this computer itself.
    WebDav(Url),
    /// `sftp://name@host:port/path`
    Sftp(SshServer),
    /// `rclone:remote:path`, as `rclone` names it.
    Rclone(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    /// Within the bucket; empty for all of it.
    pub folder: String,
    pub endpoint: Option<Url>,
    pub region: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshServer {
    pub user: Option<String>,
    pub host: String,
    pub port: Option<u16>,
    /// From the server's root.
    pub folder: String,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read; what was given.
    #[error("“{0}” is no address")]
    Malformed(String),
    /// No service is known by this scheme.
    #[error("backups to {0}:// are not possible")]
    UnknownScheme(String),
    #[error(
        "the address holds a password, which would be stored readable: leave it out, it is asked for"
    )]
    /// Who reads the settings would have the password.
    PasswordInAddress,
    /// `http://` to somewhere else than this computer; the scheme or place.
    #[error("{0} is not encrypted on its way, so a password would be sent readable: use https://")]
    NotEncrypted(String),
    /// A bucket, a host or a folder; which.
    #[error("the address does not say {0}")]
    Lacks(&'static str),
}

impl Address {
    /// Whether this is an address rather than a folder of this computer.
    pub fn is_remote(text: &str) -> bool {
        text.starts_with("rclone:")
            || text.split_once("://").is_some_and(|(scheme, _)| scheme != "file")
    }

    /// # Errors
    /// [`AddressError`]
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if let Some(remote) = text.strip_prefix("rclone:") {
            return rclone(remote);
        }
        let url = Url::parse(text).map_err(|_| AddressError::Malformed(text.into()))?;
        if url.password().is_some() {
            return Err(AddressError::PasswordInAddress);
        }
        match url.scheme() {
            "s3" => s3(&url),
            "sftp" => sftp(&url),
            "https" | "http" => webdav(url),
            other => Err(AddressError::UnknownScheme(other.into())),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3(bucket) => bucket.fmt(f),
            Self::WebDav(url) => url.fmt(f),
            Self::Sftp(server) => server.fmt(f),
            Self::Rclone(remote) => write!(f, "rclone:{remote}"),
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.name)?;
        if !self.folder.is_empty() {
            write!(f, "/{}", self.folder)?;
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(endpoint) = &self.endpoint {
            query.append_pair("endpoint", endpoint.as_str().trim_end_matches('/'));
        }
        if let Some(region) = &self.region {
            query.append_pair("region", region);
        }
        match query.finish() {
            query if query.is_empty() => Ok(()),
            query => write!(f, "?{query}"),
        }
    }
}

impl fmt::Display for SshServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sftp://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.folder)
    }
}

/// A remote and a path within it. Nothing that `rclone` could take for one of its options.
fn rclone(remote: &str) -> Result<Address, AddressError> {
    // `:backend:path` needs no configuration. With options, after a comma, it may hold a password.
    let named = |text: &str| {
        text.split_once(':').is_some_and(|(name, _)| !name.is_empty() && !name.contains(','))
    };
    let named = named(remote.strip_prefix(':').unwrap_or(remote));
    if remote.starts_with('-') || !named || remote.chars().any(char::is_control) {
        return Err(AddressError::Malformed(format!("rclone:{remote}")));
    }
    Ok(Address::Rclone(remote.into()))
}

fn s3(url: &Url) -> Result<Address, AddressError> {
    let name = host(url, "which bucket")?;
    let mut endpoint = None;
    let mut region = None;
    for (key, value) in url.query_pairs() {
        match key.as_ref() {
            "endpoint" => endpoint = Some(secure(&value)?),
            "region" => region = Some(value.into_owned()),
            other => return Err(AddressError::Malformed(format!("?{other}"))),
        }
    }
    let folder = url.path().trim_matches('/').to_string();
    Ok(Address::S3(Bucket { name, folder, endpoint, region }))
}

fn sftp(url: &Url) -> Result<Address, AddressError> {
    let host = host(url, "which server")?;
    if url.path().trim_matches('/').is_empty() {
        return Err(AddressError::Lacks("which folder of the server"));
    }
    let user = Some(url.username()).filter(|u| !u.is_empty());
    // The names go to `ssh` as arguments.
    if host.starts_with('-') || user.is_some_and(|u| u.starts_with('-')) {
        return Err(AddressError::Malformed(url.to_string()));
    }
    let folder = url.path().trim_end_matches('/').to_string();
    Ok(Address::Sftp(SshServer { user: user.map(Into::into), host, port: url.port(), folder }))
}

fn webdav(mut url: Url) -> Result<Address, AddressError> {
    // Who it is, is asked for; a name in the address would only be a second place for it.
    url.set_username("").map_err(|()| AddressError::Malformed(url.to_string()))?;
    url.set_query(None);
    url.set_fragment(None);
    secure(url.as_str()).map(Address::WebDav)
}

/// `https`, or this computer itself.
fn secure(text: &str) -> Result<Url, AddressError> {
    let url = Url::parse(text).map_err(|_| AddressError::Malformed(text.into()))?;
    let itself = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(AddressError::Lacks("which server")),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if itself => Ok(url),
        _ => Err(AddressError::NotEncrypted(text.into())),
    }
}

fn host(url: &Url, lacking: &'static str) -> Result<String, AddressError> {
    url.host_str().filter(|h| !h.is_empty()).map(Into::into).ok_or(AddressError::Lacks(lacking))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_the_same() {
        for text in [
            "s3://chats",
            "s3://chats/of/ann",
            "s3://chats/ann?endpoint=https%3A%2F%2Fs3.example%3A9000&region=eu-1",
            "https://cloud.example/remote.php/dav/files/ann/Backup",
            "http://127.0.0.1:8080/dav",
            "sftp://ann@nas.example:2222/volume1/backup",
            "sftp://nas.example/backup",
            "rclone:drive:Backup/Keepsake",
            "rclone::local:/media/nas",
        ] {
            assert!(Address::is_remote(text), "{text}");
            let address = Address::parse(text).expect(text);
            assert_eq!(address.to_string(), text);
            assert_eq!(Address::parse(&address.to_string()), Ok(address));
        }
    }

    #[test]
    fn folders_are_no_addresses() {
        for text in ["/media/disk", "backup", "file:///media/disk", "C:\\Backup"] {
            assert!(!Address::is_remote(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        use AddressError::*;
        for (text, refusal) in [
            ("https://ann:secret@cloud.example/dav", PasswordInAddress),
            ("s3://key:secret@bucket", PasswordInAddress),
            ("http://cloud.example/dav", NotEncrypted("http://cloud.example/dav".into())),
            ("s3://b?endpoint=http://s3.example", NotEncrypted("http://s3.example".into())),
            ("ftp://host/path", UnknownScheme("ftp".into())),
            ("sftp://host", Lacks("which folder of the server")),
            ("s3:///folder", Lacks("which bucket")),
            ("sftp://-oProxyCommand=x/f", Malformed("sftp://-oProxyCommand=x/f".into())),
            ("rclone:--config=x:", Malformed("rclone:--config=x:".into())),
            (
                "rclone::sftp,host=nas,pass=x:/backup",
                Malformed("rclone::sftp,host=nas,pass=x:/backup".into()),
            ),
            ("rclone:drive", Malformed("rclone:drive".into())),
            ("s3://b?secret=x", Malformed("?secret".into())),
        ] {
            assert_eq!(Address::parse(text), Err(refusal), "{text}");
        }
    }

    #[test]
    fn a_name_in_a_webdav_address_is_left_out() {
        assert_eq!(
            Address::parse("https://ann@cloud.example/dav").unwrap().to_string(),
            "https://cloud.example/dav"
        );
    }
}
