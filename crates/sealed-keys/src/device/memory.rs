//! This computer's key in memory.

use super::{DeviceKeyStore, check_home};
use crate::error::DeviceKeyError;
use crate::local::LocalKey;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Forgets everything with the process. For tests.
#[derive(Default)]
pub struct MemoryKeyStore(Mutex<HashMap<String, LocalKey>>);

impl DeviceKeyStore for MemoryKeyStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn load(&self, home: &str) -> Result<LocalKey, DeviceKeyError> {
        check_home(home)?;
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(home)
            .cloned()
            .ok_or(DeviceKeyError::NotFound)
    }

    fn save(&self, home: &str, key: &LocalKey) -> Result<(), DeviceKeyError> {
        check_home(home)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(home.into(), key.clone());
        Ok(())
    }

    fn delete(&self, home: &str) -> Result<(), DeviceKeyError> {
        check_home(home)?;
        let removed = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(home);
        removed.map(drop).ok_or(DeviceKeyError::NotFound)
    }
}
