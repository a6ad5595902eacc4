//! Configuration, lines of the run, time, chance, events.
use crate::{
    bindings::io::huella::plugin::{
        clock, config, events,
        log::{self, Level},
        random,
        types::Kv,
    },
    corrida::{Linea, now},
    guest::{Guest, Stop},
};
use plugin_manifest::SecretUse;
use tokio::time::{Instant, timeout};

const MOST_RANDOM: u32 = 4_096;
const MOST_EVENTS: usize = 32;
const MOST_EVENT: usize = 64 << 10;

impl config::Host for Guest {
    async fn get_json(&mut self) -> wasmtime::Result<String> {
        Ok(self.installation.config.to_string())
    }

    async fn secret(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        if !self.ask() || self.package.secrets().get(name.as_str()) != Some(&SecretUse::Guest) {
            return Ok(None);
        }
        let asked = timeout(self.remaining(), self.ports.secrets.secret(&self.scope, &name)).await;
        let Ok(Ok(Some(secret))) = asked else { return Ok(None) };
        self.redactor.add(secret.expose());
        Ok(Some(secret.expose().to_owned()))
    }
}

impl log::Host for Guest {
    async fn write(&mut self, level: Level, text: String, fields: Vec<Kv>) -> wasmtime::Result<()> {
        let bytes = text.len() + fields.iter().map(|field| field.key.len() + field.value.len()).sum::<usize>();
        if self.lines.len() >= self.limits.log_lines || self.line_bytes + bytes > self.limits.log_bytes.bytes() {
            self.lines_lost += 1;
            return Ok(());
        }
        self.line_bytes += bytes;
        self.lines.push(Linea {
            ms: u64::try_from(Instant::now().duration_since(self.started).as_millis()).unwrap_or(u64::MAX),
            nivel: match level {
                Level::Debug => "debug",
                Level::Info => "info",
                Level::Warn => "warn",
                Level::Error => "error",
            },
            texto: text,
            campos: fields.into_iter().map(|field| (field.key, field.value)).collect(),
        });
        Ok(())
    }
}

impl clock::Host for Guest {
    async fn now_unix_ms(&mut self) -> wasmtime::Result<u64> {
        Ok(u64::try_from(now().as_millisecond()).unwrap_or_default())
    }
}

impl random::Host for Guest {
    async fn bytes(&mut self, n: u32) -> wasmtime::Result<Vec<u8>> {
        if n > MOST_RANDOM {
            return Err(Stop::TooMuch.into());
        }
        let mut out = vec![0; n as usize];
        aws_lc_rs::rand::fill(&mut out).map_err(|_| wasmtime::Error::msg("no randomness"))?;
        Ok(out)
    }
}

impl events::Host for Guest {
    async fn emit(&mut self, topic: String, json: String) -> wasmtime::Result<Result<(), String>> {
        let known = self.package.manifest.permissions.events.iter().any(|events| events.topics.contains(&topic));
        if !known {
            return Ok(Err(format!("el manifiesto no pide el tema «{topic}» en [permissions] events")));
        }
        if self.events >= MOST_EVENTS || json.len() > MOST_EVENT {
            return Ok(Err(format!("a lo más {MOST_EVENTS} eventos de {MOST_EVENT} bytes")));
        }
        let document = match serde_json::from_str(&json) {
            Ok(document) => document,
            Err(error) => return Ok(Err(format!("no es JSON: {error}"))),
        };
        self.events += 1;
        Ok(match timeout(self.remaining(), self.ports.events.emit(&self.scope, &topic, document)).await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(_) => Err("no terminó a tiempo".into()),
        })
    }
}
