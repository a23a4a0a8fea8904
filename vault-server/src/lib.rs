pub mod ceremony;
pub mod evidence;
pub mod hsm;
