//! Somebody who talks to the API.
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::Value;

/// A person (or nobody) with a base address and maybe a token.
#[derive(Debug, Clone)]
pub struct Cliente {
    pub http: reqwest::Client,
    pub base: String,
    pub token: Option<String>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Respuesta {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Value,
    pub bytes: Vec<u8>,
}

impl Cliente {
    pub fn new(base: &str) -> Self {
        Self { http: reqwest::Client::new(), base: base.to_owned(), token: None }
    }
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// A request to build further; `path` is below `/api/v1` unless it starts with `//`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = match path.strip_prefix("//") {
            Some(outside) => format!("{}/{outside}", self.base),
            None => format!("{}/api/v1{path}", self.base),
        };
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Respuesta {
        send(self.request(Method::GET, path)).await
    }
    pub async fn post(&self, path: &str, body: Value) -> Respuesta {
        send(self.request(Method::POST, path).json(&body)).await
    }
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> Respuesta {
        send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }
    /// Changes whatever version there is.
    pub async fn put(&self, path: &str, body: Value) -> Respuesta {
        send(self.request(Method::PUT, path).header(header::IF_MATCH, "*").json(&body)).await
    }
    pub async fn put_if(&self, path: &str, etag: &str, body: Value) -> Respuesta {
        send(self.request(Method::PUT, path).header(header::IF_MATCH, etag).json(&body)).await
    }
    pub async fn delete(&self, path: &str) -> Respuesta {
        send(self.request(Method::DELETE, path)).await
    }
}

pub async fn send(request: RequestBuilder) -> Respuesta {
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status(), response.headers().clone());
    // A stream of events has no end; whoever wants to hear it reads it piece by piece.
    let endless = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
    let bytes = if endless { Vec::new() } else { response.bytes().await.expect("a whole body").to_vec() };
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Respuesta { status, headers, body, bytes }
}

impl Respuesta {
    /// The body, if the status is this one; else a failure that shows both.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", serde_json::to_string_pretty(&self.body).unwrap_or_default());
        self.body
    }
    #[track_caller]
    pub fn created(self) -> Value {
        self.expect(201)
    }
    #[track_caller]
    pub fn ok(self) -> Value {
        self.expect(200)
    }
    /// Asserts a problem of this status and type (`cita-traslape`), and gives its body.
    #[track_caller]
    pub fn problem(self, status: u16, slug: &str) -> Value {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let body = self.expect(status);
        assert_eq!(body["type"], format!("/problemas/{slug}"), "{body:#}");
        assert_eq!(kind, "application/problem+json");
        body
    }
    /// The pointers of a 422, sorted.
    #[track_caller]
    pub fn wrong_fields(self) -> Vec<String> {
        let body = self.problem(422, "datos-invalidos");
        let mut pointers: Vec<String> =
            body["errors"].as_array().into_iter().flatten().filter_map(|e| e["pointer"].as_str().map(str::to_owned)).collect();
        pointers.sort();
        pointers
    }
    pub fn etag(&self) -> String {
        self.headers.get(header::ETAG).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }
}
