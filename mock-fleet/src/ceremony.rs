//! From nothing to a signed bundle: what an operator and an auditor do, with MOCK devices.

use crate::{FleetError, FleetFolder, REGIONS, Result};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

const NAMESPACE: &str = "mock.keepsake";
const YEAR: u64 = 365 * 24 * 60 * 60;
/// So that a site whose clock is a little behind takes the bundle.
const EARLIER: u64 = 300;
/// `ceremony run` ends with this when the devices are reset, and the auditor has to note how their
/// logs begin.
const WAITS_FOR_AUDITOR: i32 = 3;
/// Where the programs' words go.
const LOG: &str = "ceremony";

impl FleetFolder {
    pub(crate) fn make(&self, say: &dyn Fn(&str)) -> Result<()> {
        say(&format!(
            "Making a MOCK fleet of {} sites in {} (emulated devices: it protects nothing)",
            self.sites,
            self.dir.display()
        ));
        let mut certificates = self.program("keepsake-operator", &["dev-certificates"]);
        certificates.arg("--out").arg(self.path("tls"));
        self.done(certificates.arg("--sites").arg(self.sites.to_string()))?;
        self.start_devices()?;
        self.init_auditor()?;
        self.start_auditor()?;
        self.write("plan.json", self.plan().to_string().as_bytes())?;
        say(&format!(
            "Ceremony: reset, keys, cloning, attestation (transcript: {})",
            self.path("ceremony/transcript.txt").display()
        ));
        self.run_ceremony()?;
        self.sign_and_publish()?;
        (1..=self.sites).try_for_each(|site| self.write_site_config(site))
    }

    /// The fleet's address with its pin.
    pub(crate) fn address(&self) -> Result<String> {
        let pin = self.said(&mut self.auditor("trust-id"))?;
        let pin = String::from_utf8_lossy(&pin).trim().to_string();
        Ok(format!("{}#sha256={pin}", self.auditor_url()))
    }

    fn auditor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.auditor())
    }

    fn init_auditor(&self) -> Result<()> {
        let mut key = self.program("keepsake-operator", &["operator-key"]);
        let key = self.said(key.arg("--out").arg(self.path("operator.key")))?;
        let mut init = self.auditor("init");
        init.args(["--namespace", NAMESPACE, "--mock", "--operator-key"]);
        init.arg(String::from_utf8_lossy(&key).trim());
        init.arg("--attestation-root").arg(self.path("hsm/mock-root.pem"));
        self.done(init.arg("--tls-ca").arg(self.path("tls/ca.pem")))
    }

    fn plan(&self) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let site = |site: u8| {
            json!({
                "index": site,
                "region": REGIONS[usize::from(site) - 1],
                "endpoint": self.endpoint(site),
                "connector": self.connector(site),
                "serial": Self::serial(site)
            })
        };
        json!({
            "namespace": NAMESPACE,
            "fleet_id": random_id(),
            "epoch": 1,
            "previous": null,
            "not_before": now - EARLIER,
            "not_after": now + YEAR,
            "reset": true,
            "source": "local build",
            "evidence_url": format!("{}/evidence/1/", self.auditor_url()),
            "attestation_chain": ["hsm/mock-sub-ca.pem", "hsm/mock-root.pem"],
            "sites": (1..=self.sites).map(site).collect::<Vec<_>>()
        })
    }

    fn run_ceremony(&self) -> Result<()> {
        self.done(
            self.ask_auditor("request-challenges").arg("--plan").arg(self.path("plan.json")),
        )?;
        let run = self.ends(&mut self.ceremony("run"))?;
        if run.code() != Some(WAITS_FOR_AUDITOR) {
            return Err(self.failed());
        }
        self.done(&mut self.ask_auditor("send-anchors"))?;
        self.done(&mut self.ceremony("resume"))
    }

    fn ceremony(&self, step: &str) -> Command {
        let mut command = self.program("keepsake-operator", &["ceremony", step]);
        command.arg("--plan").arg(self.path("plan.json")).arg("--out").arg(self.path("ceremony"));
        command
    }

    /// What the operator signs and the auditor answers, over the network.
    fn ask_auditor(&self, request: &str) -> Command {
        let mut command = self.program("keepsake-operator", &[request]);
        command.arg("--out").arg(self.path("ceremony")).arg("--key").arg(self.path("operator.key"));
        command.arg("--trust").arg(self.trust()).arg("--auditor").arg(self.auditor_url());
        command
    }

    fn sign_and_publish(&self) -> Result<()> {
        let bundle = self.path("ceremony/bundle.json");
        let signature = self.path("ceremony/auditor-signature.json");
        let countersigned = self.path("ceremony/countersigned.json");
        let mut sign = self.auditor("sign");
        sign.arg("--bundle").arg(&bundle);
        let signed = self.said(sign.arg("--evidence").arg(self.path("ceremony/evidence")))?;
        fs::write(&signature, signed).map_err(FleetError::io(&signature))?;
        let mut countersign = self.program("keepsake-operator", &["countersign"]);
        countersign.arg("--key").arg(self.path("operator.key")).arg("--bundle").arg(&bundle);
        countersign.arg("--signed").arg(&signature).arg("--trust").arg(self.trust());
        self.done(countersign.arg("--out").arg(&countersigned))?;
        let published = self.said(self.auditor("publish").arg("--signed").arg(&countersigned))?;
        self.write("bundle.json", &published)
    }

    fn trust(&self) -> PathBuf {
        self.path("auditor/public/trust.json")
    }

    fn auditor(&self, command: &str) -> Command {
        let mut auditor = self.program("auditor", &[command]);
        auditor.arg("--dir").arg(self.path("auditor"));
        auditor
    }

    fn program(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.programs.path(program));
        command.args(arguments).stdin(Stdio::null());
        command
    }

    fn done(&self, command: &mut Command) -> Result<()> {
        match self.ends(command)?.success() {
            true => Ok(()),
            false => Err(self.failed()),
        }
    }

    /// What a program writes to its standard output.
    fn said(&self, command: &mut Command) -> Result<Vec<u8>> {
        let program = PathBuf::from(command.get_program());
        let output = command.stderr(self.log()?).output().map_err(FleetError::io(&program))?;
        if output.status.success() { Ok(output.stdout) } else { Err(self.failed()) }
    }

    fn ends(&self, command: &mut Command) -> Result<ExitStatus> {
        let program = PathBuf::from(command.get_program());
        let command = command.stdout(self.log()?).stderr(self.log()?);
        command.status().map_err(FleetError::io(&program))
    }

    fn log(&self) -> Result<File> {
        let path = self.processes().log(LOG);
        File::options().create(true).append(true).open(&path).map_err(FleetError::io(&path))
    }

    fn failed(&self) -> FleetError {
        FleetError::ceremony(&self.processes().log(LOG))
    }
}

/// 16 bytes in hex, other ones for each fleet. Nothing about a MOCK fleet has to be secret.
fn random_id() -> String {
    let mut bytes = [0; 16];
    let read = File::open("/dev/urandom")
        .and_then(|mut random| std::io::Read::read_exact(&mut random, &mut bytes));
    match read {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => format!("{:032x}", std::process::id()),
    }
}
