//! Objects: what the device stores, under which id, and who may see it.

mod factory_key;
mod label;
pub(crate) mod material;
mod object;
mod object_type;
mod store;
pub(crate) mod wrapped;

pub(crate) use factory_key::{FACTORY_AUTHENTICATION_KEY, factory_authentication_key};
pub(crate) use label::{LABEL_LENGTH, Label};
pub(crate) use object::{Object, Origin};
pub(crate) use object_type::ObjectType;
pub(crate) use store::Store;
