//! Files in any store that speaks S3.
use crate::Secret;
use async_trait::async_trait;
use aws_sdk_s3::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use bytes::Bytes;
use kernel::ports::{Files, PortError, Stored};
use std::time::Duration;

/// One bucket of one store.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// `https://host`; none means AWS itself.
    pub endpoint: Option<String>,
    pub region: String,
    pub bucket: String,
    pub access_key: String,
    pub secret_key: Secret,
}

/// A store that says nothing is told of within the time that a request has (ten seconds unless set otherwise).
const ATTEMPT: Duration = Duration::from_secs(4);
const OPERATION: Duration = Duration::from_secs(8);
/// The longest that one large file may take.
const LARGE: Duration = Duration::from_secs(1_800);

#[derive(Clone)]
pub struct S3Files {
    client: Client,
    bucket: String,
}

impl S3Files {
    pub fn new(config: &S3Config) -> Self {
        let credentials = Credentials::new(&config.access_key, config.secret_key.expose(), None, None, "huella");
        let mut builder = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(config.region.clone()))
            .credentials_provider(credentials)
            // Host names per bucket need DNS that a private store rarely has.
            .force_path_style(true)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(2))
                    .operation_attempt_timeout(ATTEMPT)
                    .operation_timeout(OPERATION)
                    .build(),
            )
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(endpoint) = &config.endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        Self { client: Client::from_conf(builder.build()), bucket: config.bucket.clone() }
    }

    /// Makes the bucket if it is missing. Only for the demo: in production somebody else owns it.
    pub async fn ensure_bucket(&self) -> Result<(), PortError> {
        match self.client.create_bucket().bucket(&self.bucket).send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.code(), Some("BucketAlreadyOwnedByYou" | "BucketAlreadyExists")) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// What the store answered, without keys or addresses.
fn failed<E: ProvideErrorMetadata>(error: &SdkError<E>) -> PortError {
    let what = |text: &str| format!("s3: {text}");
    match error {
        SdkError::ServiceError(answer) => {
            let code = error.code().unwrap_or("error");
            let status = answer.raw().status().as_u16();
            // Busy, or too slow for it: may pass.
            if status >= 500 || matches!(status, 408 | 429) { PortError::Unavailable(what(code)) } else { PortError::Rejected(what(code)) }
        }
        SdkError::ConstructionFailure(_) => PortError::Rejected(what("pedido inválido")),
        SdkError::TimeoutError(_) => PortError::Unavailable(what("sin respuesta")),
        _ => PortError::Unavailable(what("sin conexión")),
    }
}

#[async_trait]
impl Files for S3Files {
    async fn put(&self, key: &str, content_type: &str, body: Bytes) -> Result<(), PortError> {
        // A second more per MiB.
        let more = Duration::from_secs((body.len() >> 20) as u64);
        let patience = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT + more).operation_timeout(OPERATION + more).build();
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type(content_type).body(ByteStream::from(body));
        let put = put.customize().config_override(Config::builder().timeout_config(patience));
        put.send().await.map(|_| ()).map_err(|error| failed(&error))
    }

    async fn get(&self, key: &str) -> Result<Option<(String, Bytes)>, PortError> {
        let found = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(found) => found,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let content_type = found.content_type().unwrap_or("application/octet-stream").to_owned();
        let body = found.body.collect().await.map_err(|_| PortError::Unavailable("s3: lectura interrumpida".into()))?;
        Ok(Some((content_type, body.into_bytes())))
    }

    async fn put_file(&self, key: &str, content_type: &str, file: std::fs::File) -> Result<(), PortError> {
        let body = ByteStream::read_from().file(tokio::fs::File::from_std(file)).build().await;
        let body = body.map_err(|_| PortError::Rejected("archivo ilegible".into()))?;
        // As long as it takes: the usual limits are for a photo.
        let patience = TimeoutConfig::builder().operation_attempt_timeout(LARGE).operation_timeout(LARGE).build();
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type(content_type).body(body);
        let put = put.customize().config_override(Config::builder().timeout_config(patience));
        put.send().await.map(|_| ()).map_err(|error| failed(&error))
    }

    async fn open(&self, key: &str) -> Result<Option<Stored>, PortError> {
        let found = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(found) => found,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let content_type = found.content_type().unwrap_or("application/octet-stream").to_owned();
        let size = found.content_length().and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
        Ok(Some(Stored { content_type, size, content: Box::new(found.body.into_async_read()) }))
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        self.client.delete_object().bucket(&self.bucket).key(key).send().await.map(|_| ()).map_err(|error| failed(&error))
    }

    async fn ready(&self) -> Result<(), PortError> {
        self.client.head_bucket().bucket(&self.bucket).send().await.map(|_| ()).map_err(|error| failed(&error))
    }
}
