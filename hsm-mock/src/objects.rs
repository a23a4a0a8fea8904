//! Objects: what the device stores, under which id, and who may see it.

mod label;
mod object;
mod store;
pub mod wrapped;

pub use label::{LABEL_LENGTH, Label};
pub use object::{Object, ObjectType, Origin};
pub use store::Store;
