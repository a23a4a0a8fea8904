//! JSON as messengers write it: huge, and not always JSON. Values are cut out of the stream byte
//! by byte, so that memory holds one of them and a bad one spoils no other.

mod lines;
mod repair;
mod stream;

pub use self::lines::each_line;
pub use self::repair::parse;
pub use self::stream::{Cut, JsonStream, StreamError};
