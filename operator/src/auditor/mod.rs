//! What the operator asks of the auditor before and during a ceremony (spec/fleet-log.md section
//! 3).

mod anchors;
mod answer;
mod challenges;
mod http;
mod request;

pub use anchors::{SendAnchorsArgs, send_anchors};
pub use challenges::{RequestChallengesArgs, request_challenges};
