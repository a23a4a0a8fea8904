//! One change each: to the world before it is signed, to one device, or to the files after signing.

use super::{Case, Document};
use crate::support::devices::{DeviceModel, Line};
use crate::support::world::{Files, World};

/// The ceremony itself was dishonest: everything is signed as it is.
pub(super) fn world(
    name: &'static str,
    about: &'static str,
    refused_by: &[&'static str],
    change: impl Fn(&mut World),
) -> Case {
    let mut world = World::honest();
    change(&mut world);
    Case { name, about, refused_by: refused_by.to_vec(), files: Document::of(&world).files() }
}

/// The second device was dishonest.
pub(super) fn device(
    name: &'static str,
    about: &'static str,
    refused_by: &[&'static str],
    change: impl Fn(&mut DeviceModel),
) -> Case {
    world(name, about, refused_by, |w| change(&mut w.devices[1]))
}

/// Files were changed after signing.
pub(super) fn tampered(
    name: &'static str,
    about: &'static str,
    refused_by: &[&'static str],
    change: impl Fn(&mut Files),
) -> Case {
    let mut document = Document::of(&World::honest());
    change(&mut document.evidence);
    Case { name, about, refused_by: refused_by.to_vec(), files: document.files() }
}

/// The second device's log was another, and the device vouched for it.
pub(super) fn lines(
    name: &'static str,
    about: &'static str,
    refused_by: &[&'static str],
    change: impl Fn(&mut Vec<Line>),
) -> Case {
    device(name, about, refused_by, |d| change(&mut d.lines))
}
