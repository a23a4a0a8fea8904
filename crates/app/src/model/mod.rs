//! What the app tells its shells: plain values that the window and `--json` both show. One file a
//! room.
//!
//! No value here is a secret, but for those that say that the caller wipes them.

mod backup;
mod chats;
mod fleet;
mod home;
mod key_change;
mod media;
mod passkeys;
mod people;
mod places;
mod protection;
mod reading;
mod sites;
mod text_pieces;
mod vault;
mod watched;

pub use backup::*;
pub use chats::*;
pub use fleet::*;
pub use home::*;
pub use key_change::*;
pub use media::*;
pub use passkeys::*;
pub use people::*;
pub use places::*;
pub use protection::*;
pub use reading::*;
pub use sites::*;
pub use text_pieces::*;
pub use vault::*;
pub use watched::*;
