//! A running `huella serve`.
use crate::{
    chains::{CLAVE, Cadena},
    measure,
    place::Place,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{
    process::{Child, Stdio},
    rc::Rc,
    time::{Duration, Instant},
};

/// One machine asks as fast as it can, in the name of few, and any instance as if it were the same.
const SETTINGS: [(&str, &str); 4] = [
    ("HUELLA_LIMITE_DIRECCION", "0"),
    ("HUELLA_LIMITE_USUARIO", "0"),
    ("HUELLA_LIMITE_CADENA", "0"),
    ("HUELLA_URL_PUBLICA", "https://carga.example"),
];

pub struct Server {
    child: Child,
    http: reqwest::Client,
    pub address: String,
    /// From the start of the process until it was ready.
    pub ready: Duration,
}

impl Server {
    pub async fn start(place: &Place, database: &str) -> Result<Self> {
        Self::start_with(place, database, &[]).await
    }

    /// With more of its environment set.
    pub async fn start_with(place: &Place, database: &str, more: &[(&'static str, String)]) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let start = Instant::now();
        let mut command = place.huella(database);
        if let Some(redis) = &place.redis {
            command.env("REDIS_URL", redis);
        }
        let child = command
            .arg("serve")
            .env("HUELLA_ESCUCHA", &address)
            .envs(SETTINGS)
            .envs(more.iter().cloned())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()?;
        let mut server = Self { child, http: reqwest::Client::new(), address, ready: Duration::ZERO };
        let url = format!("http://{}/readyz", server.address);
        let answers = async || server.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success());
        measure::until(Duration::from_secs(30), Duration::from_millis(5), answers).await?;
        server.ready = start.elapsed();
        Ok(server)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `Bearer …` of the chain's administrator. Good for ten minutes.
    pub async fn token(&self, clave: &str) -> Result<Rc<str>> {
        self.token_of(clave, &format!("admin@{clave}.example.pe")).await
    }

    /// The same of somebody else.
    pub async fn token_of(&self, clave: &str, correo: &str) -> Result<Rc<str>> {
        let body = json!({ "cadena": clave, "correo": correo, "contrasena": CLAVE });
        let answer: Value = self.http.post(format!("http://{}/api/v1/sesiones", self.address)).json(&body).send().await?.json().await?;
        let token = answer["token"].as_str().with_context(|| format!("no se pudo ingresar: {answer}"))?;
        Ok(format!("Bearer {token}").into())
    }

    /// What Prometheus would read.
    pub async fn metrics(&self) -> Result<String> {
        Ok(self.http.get(format!("http://{}/metrics", self.address)).send().await?.text().await?)
    }

    /// One answer, outside any measurement.
    pub async fn get(&self, cadena: &Cadena, path: &str) -> Result<Value> {
        let request = self.http.get(format!("http://{}{path}", self.address)).header("authorization", &*cadena.token());
        let answer = request.send().await?;
        let (status, body) = (answer.status(), answer.json::<Value>().await?);
        ensure!(status.is_success(), "{path}: {status} {body}");
        Ok(body)
    }

    /// A setting of the chain, whatever version there is.
    pub async fn put(&self, cadena: &Cadena, path: &str, body: &Value) -> Result<()> {
        let request = self.http.put(format!("http://{}{path}", self.address)).header("authorization", &*cadena.token());
        let answer = request.header("if-match", "*").json(body).send().await?;
        let (status, said) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status} {said}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
