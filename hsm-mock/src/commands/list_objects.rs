//! `LIST OBJECTS` (0x48): filters, each a tag (1) and a value. Answer: id (2), type (1) and
//! sequence (1) of each object in the session's domains that passes them all.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{Label, Object, ObjectType};

/// A condition on an object.
enum Filter {
    Id(u16),
    Kind(ObjectType),
    /// In at least one of them.
    Domains(u16),
    /// Has at least one of them.
    Capabilities(Capabilities),
    Algorithm(u8),
    Label(Label),
}

impl Filter {
    fn read(input: &mut Input<'_>) -> Result<Self, DeviceError> {
        Ok(match input.u8()? {
            1 => Self::Id(input.u16()?),
            2 => Self::Kind(ObjectType::from_byte(input.u8()?)?),
            3 => Self::Domains(input.u16()?),
            4 => Self::Capabilities(input.capabilities()?),
            5 => Self::Algorithm(input.u8()?),
            6 => Self::Label(Label(input.array()?)),
            _ => return Err(DeviceError::InvalidData),
        })
    }

    fn passes(&self, object: &Object) -> bool {
        match self {
            Self::Id(id) => object.id == *id,
            Self::Kind(kind) => object.kind == *kind,
            Self::Domains(domains) => object.domains & domains != 0,
            Self::Capabilities(capabilities) => object.capabilities.intersects(*capabilities),
            Self::Algorithm(algorithm) => object.algorithm == *algorithm,
            Self::Label(label) => object.label == *label,
        }
    }
}

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let mut filters = vec![Filter::Domains(call.caller.domains)];
    while !input.is_empty() {
        filters.push(Filter::read(&mut input)?);
    }
    let passing = call
        .state
        .objects
        .iter()
        .filter(|object| filters.iter().all(|filter| filter.passes(object)));
    Ok(Zeroizing::new(passing.flat_map(entry).collect()))
}

fn entry(object: &Object) -> [u8; 4] {
    let [high, low] = object.id.to_be_bytes();
    [high, low, object.kind as u8, object.sequence]
}
