//! Each service, with retries, waits that end, and few requests at once.

use crate::address::{Bucket, SshServer};
use crate::credentials::Credentials;
use crate::error::OpenError;
use crate::transport::Http;
use opendal::layers::{ConcurrentLimitLayer, RetryLayer, TimeoutLayer};
use opendal::services::{S3, Sftp, Webdav};
use opendal::{Builder, HttpTransporter, OperationContext, Operator};
use std::time::Duration;
use url::Url;

/// For requests that carry no contents.
const ANSWER: Duration = Duration::from_secs(30);

/// For one object: a pack of 16 MiB at 1 Mbit/s takes 134 s.
const OBJECT: Duration = Duration::from_secs(300);

/// Requests at once. A home line is full with fewer, and a server at home is not overrun.
const AT_ONCE: usize = 8;

/// After the first failure: 0.5, 1, 2 and 4 s, and up to as much again by chance.
const RETRIES: usize = 4;
const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(4);

/// Amazon's name for wherever a bucket is; other services take any.
const ANY_REGION: &str = "us-east-1";

pub(crate) fn s3(
    bucket: &Bucket,
    credentials: Option<&Credentials>,
) -> Result<Operator, OpenError> {
    let credentials = credentials.ok_or(OpenError::NoCredentials)?;
    let mut service = S3::default()
        .bucket(&bucket.name)
        .root(&format!("/{}", bucket.folder))
        .region(bucket.region.as_deref().unwrap_or(ANY_REGION))
        .access_key_id(&credentials.name)
        .secret_access_key(&credentials.secret)
        // Nothing is taken from elsewhere on this computer than what the person gave.
        .disable_config_load()
        .disable_ec2_metadata();
    if let Some(endpoint) = &bucket.endpoint {
        service = service.endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    over_http(service)
}

pub(crate) fn webdav(url: &Url, credentials: Option<&Credentials>) -> Result<Operator, OpenError> {
    let endpoint = url.as_str().trim_end_matches('/');
    let mut service = Webdav::default().endpoint(endpoint).disable_create_dir(true);
    if let Some(credentials) = credentials {
        service = service.username(&credentials.name).password(&credentials.secret);
    }
    over_http(service)
}

pub(crate) fn sftp(
    server: &SshServer,
    credentials: Option<&Credentials>,
) -> Result<Operator, OpenError> {
    let mut endpoint = format!("ssh://{}", server.host);
    if let Some(port) = server.port {
        endpoint = format!("{endpoint}:{port}");
    }
    let mut service = Sftp::default().endpoint(&endpoint).root(&server.folder);
    if let Some(user) = &server.user {
        service = service.user(user);
    }
    if let Some(credentials) = credentials {
        service = service.key(&credentials.name);
    }
    Ok(steady(Operator::new(service).map_err(unusable)?))
}

fn over_http(service: impl Builder) -> Result<Operator, OpenError> {
    let operator = Operator::new(service).map_err(unusable)?;
    let context = OperationContext::new().with_http_transport(HttpTransporter::new(Http::new()?));
    Ok(steady(operator.with_context(context)))
}

fn steady(operator: Operator) -> Operator {
    let retries = RetryLayer::new().with_max_times(RETRIES).with_min_delay(FIRST_DELAY);
    operator
        .layer(TimeoutLayer::new().with_timeout(ANSWER).with_io_timeout(OBJECT))
        .layer(ConcurrentLimitLayer::new(AT_ONCE))
        .layer(retries.with_max_delay(LONGEST_DELAY).with_jitter())
}

fn unusable(error: opendal::Error) -> OpenError {
    OpenError::Unusable(error.message().to_string())
}
