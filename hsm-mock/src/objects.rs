//! Objects: what the device stores, under which id, and who may see it.

mod factory_key;
mod label;
pub mod material;
mod object;
mod store;
pub mod wrapped;

pub use factory_key::{FACTORY_AUTHENTICATION_KEY, factory_authentication_key};
pub use label::{LABEL_LENGTH, Label};
pub use object::{Object, ObjectType, Origin};
pub use store::Store;
