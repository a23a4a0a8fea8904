//! One device during the ceremony: runs a step unless its log shows it already, then reads and
//! keeps the log.

use super::log_store::LogStore;
use super::progress::{Progress, Role, Step};
use crate::error::OperatorError;
use crate::out_folder::{Journal, OutFolder};
use crate::plan::PlannedSite;
use fleet_evidence::device_log::Entry;
use fleet_evidence::device_profile::command::DELETE_OBJECT;
use fleet_evidence::device_profile::{DEFAULT_AUTH_KEY, OPERATIONAL_AUTH_KEY, STATEMENT_AUTH_KEY};
use yubihsm_device::answers::DeviceInfo;
use yubihsm_device::objects::LOGINS;
use yubihsm_device::{AuthKey, HsmError, OperatorSession};

/// Told of each step before it is done; an error stops the ceremony there.
pub type Watch<'a> = &'a dyn Fn(&OutFolder, &str) -> Result<(), OperatorError>;

/// A device and how far it has come.
pub(super) struct DeviceWork<'a> {
    pub site: &'a PlannedSite,
    pub role: Role,
    pub session: OperatorSession,
    pub progress: Progress,
    store: LogStore,
    out: &'a OutFolder,
}

impl<'a> DeviceWork<'a> {
    /// Connects to a device that was reset in this ceremony, with the default login or, once that
    /// is gone, ours.
    pub(super) fn open(
        site: &'a PlannedSite,
        role: Role,
        out: &'a OutFolder,
        journal: &Journal,
    ) -> Result<Self, OperatorError> {
        let session = match OperatorSession::open_default(&site.address()?) {
            Err(HsmError::WrongAuthKey(_)) => open_operational(site, out)?,
            other => other.map_err(OperatorError::device(site.serial))?,
        };
        let store = LogStore::open(&out.log(site.serial))?;
        let mut work = Self { site, role, session, progress: Progress::default(), store, out };
        check_serial(&mut work.session, site)?;
        work.refresh()?;
        let anchor = work.store.entries().first().map(|e| e.digest.to_vec());
        let recorded = journal.devices.get(&site.serial).map(|d| d.anchor.to_vec());
        if anchor.is_none() || anchor != recorded {
            return Err(work.start_over("its log is not the one that this ceremony began"));
        }
        Ok(work)
    }

    pub(super) fn serial(&self) -> u32 {
        self.site.serial
    }

    pub(super) fn out(&self) -> &'a OutFolder {
        self.out
    }

    /// Log from the reset line.
    pub(super) fn log(&self) -> &[Entry] {
        self.store.entries()
    }

    pub(super) fn start_over(&self, why: impl Into<String>) -> OperatorError {
        OperatorError::start_over(self.serial(), why)
    }

    /// Runs `act` unless `step` is done, and makes sure that the log then shows it.
    pub(super) fn step<T>(
        &mut self,
        step: Step,
        what: &str,
        watch: Watch<'_>,
        act: impl FnOnce(&mut OperatorSession) -> Result<T, HsmError>,
    ) -> Result<Option<T>, OperatorError> {
        if self.progress.has(step) && step != Step::ExportFleetKey {
            return Ok(None);
        }
        let before = self.progress.count(step);
        let value = self.act(what, watch, act)?;
        if self.progress.count(step) != before + 1 {
            return Err(self.start_over(format!("its log does not show: {what}")));
        }
        Ok(Some(value))
    }

    /// Runs `act`, which leaves no line that belongs to a step, and reads the log.
    pub(super) fn act<T>(
        &mut self,
        what: &str,
        watch: Watch<'_>,
        act: impl FnOnce(&mut OperatorSession) -> Result<T, HsmError>,
    ) -> Result<T, OperatorError> {
        watch(self.out, &format!("device {}: {what}", self.serial()))?;
        let value = act(&mut self.session).map_err(OperatorError::device(self.serial()))?;
        self.refresh()?;
        Ok(value)
    }

    /// Reads the log, keeps it, lets the device forget it, and works out what is done.
    ///
    /// Once the ceremony's last line is kept, nothing more is taken: what follows is for the site
    /// to read, so that its record continues the published one without a gap.
    pub(super) fn refresh(&mut self) -> Result<(), OperatorError> {
        let serial = self.serial();
        if !self.is_complete()? {
            let mut log = self.session.read_log().map_err(OperatorError::device(serial))?;
            log.entries.truncate(ceremony_lines(&log.entries).len());
            let freed =
                self.store.take(&log)?.map_err(|why| OperatorError::start_over(serial, why))?;
            if let Some(number) = freed {
                self.session.acknowledge_log(number).map_err(OperatorError::device(serial))?;
            }
            self.progress = self.read_progress()?;
        }
        Ok(())
    }

    fn is_complete(&mut self) -> Result<bool, OperatorError> {
        if self.store.entries().is_empty() {
            return Ok(false);
        }
        self.progress = self.read_progress()?;
        Ok(self.progress.has(Step::DeleteDefaultLogin))
    }

    fn read_progress(&self) -> Result<Progress, OperatorError> {
        Progress::read(self.store.entries(), self.role)
            .map_err(|why| OperatorError::start_over(self.serial(), why))
    }

    /// Goes on with the operational login, after the default one was deleted.
    pub(super) fn hand_over(&mut self) -> Result<(), OperatorError> {
        self.session = open_operational(self.site, self.out)?;
        self.refresh()
    }
}

/// The ceremony's own lines: up to the deletion of the default login, after which only statements
/// follow.
fn ceremony_lines(entries: &[Entry]) -> &[Entry] {
    let is_end = |e: &Entry| e.command == DELETE_OBJECT && e.target == DEFAULT_AUTH_KEY;
    entries.iter().position(is_end).map_or(entries, |end| &entries[..=end])
}

/// Refuses another device than the planned one.
pub(super) fn check_serial(
    session: &mut OperatorSession,
    site: &PlannedSite,
) -> Result<DeviceInfo, OperatorError> {
    let info = session.info().map_err(OperatorError::device(site.serial))?;
    if info.serial != site.serial {
        let expected = site.serial;
        let found = info.serial;
        let connector = site.connector.clone();
        return Err(OperatorError::WrongDevice { expected, found, connector });
    }
    Ok(info)
}

fn open_operational(site: &PlannedSite, out: &OutFolder) -> Result<OperatorSession, OperatorError> {
    let key = AuthKey::read(&out.site(site.index, login_file(OPERATIONAL_AUTH_KEY)))?;
    match OperatorSession::open(&site.address()?, OPERATIONAL_AUTH_KEY, &key) {
        Err(HsmError::WrongAuthKey(_)) => Err(OperatorError::HandedOver { serial: site.serial }),
        other => other.map_err(OperatorError::device(site.serial)),
    }
}

/// Name of the file with a login's key.
pub(super) fn login_file(id: u16) -> &'static str {
    match id {
        STATEMENT_AUTH_KEY => "statement-auth.key",
        _ => "hsm-auth.key",
    }
}

/// Keys of the logins: written before they are put into the device, so that an interruption never
/// loses one.
pub(super) fn login_key(
    site: &PlannedSite,
    out: &OutFolder,
    id: u16,
) -> Result<AuthKey, OperatorError> {
    debug_assert!(LOGINS.iter().any(|login| login.id == id));
    let path = out.site(site.index, login_file(id));
    if !path.exists() {
        AuthKey::random().write(&path)?;
    }
    Ok(AuthKey::read(&path)?)
}
