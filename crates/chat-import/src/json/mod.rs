//! JSON as messengers write it: huge, and not always JSON. Values are cut out of the stream byte
//! by byte, so that memory holds one of them and a bad one spoils no other.

mod lines;
mod repair;
mod stream;

pub(crate) use self::lines::each_line;
pub(crate) use self::repair::parse;
pub(crate) use self::stream::{Cut, JsonStream, StreamError};
