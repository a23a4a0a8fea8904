//! What one person has on this computer: the folder, its keys and files, and the handle that
//! everything here works on.

mod account;
mod account_file;
mod archive;
mod clock;
mod diagnostics;
mod home_file;
mod keepsake;
mod keys_file;
mod leftovers;
mod lock_file;
mod open;
mod sealed_media;
mod secret;
mod state;
mod status;
mod surroundings;
mod unfinished;

pub(crate) use account::{Account, AccountAt, OwnedAccount, belongs_to};
pub use clock::Clock;
pub(crate) use clock::{SystemClock, unix_now};
pub use diagnostics::diagnostics;
pub(crate) use home_file::Home;
pub use home_file::KeyStore;
pub use keepsake::Keepsake;
pub(crate) use leftovers::opened_prefix;
pub(crate) use lock_file::lock_file;
pub(crate) use sealed_media::SealedMedia;
pub use secret::RecoverySecret;
pub use status::status;
pub use surroundings::Surroundings;
pub(crate) use unfinished::unfinished_prefix;
