//! Who gets in, and in which order: strangers from many addresses never stop an owner
//! (spec/vault-protocol.md section 11).
//!
//! ```text
//! listener      accepts; caps of connections for each address, and of all
//! connection    TLS, header, idle: each within its time
//! handshakes    cookie with work, then one of two queues for the device
//! ```

mod connection;
mod connections;
mod cookies;
mod descriptors;
mod forwarded;
mod handshakes;
mod listener;
mod patient_stream;
mod proxy_protocol;
mod queue;

pub use connection::{Caller, Tls};
pub use connections::Connections;
pub use cookies::{Checked, Cookies};
pub use descriptors::raise_limit_of_open_files;
pub use forwarded::forwarded_for;
pub use handshakes::{Handshakes, Knock, NotNow};
pub use listener::{Listener, Proxy, ProxyKind};
pub use proxy_protocol::{Announced, read_announcement};
pub use queue::{Queue, Turn};
