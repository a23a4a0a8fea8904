//! One function per thing a person does. The window and the command line both call these, and hold no logic.

mod error;
pub mod model;
mod watch;

pub use error::{AppError, Result};
pub use watch::{Progress, Unit, Unwatched, Watch};
