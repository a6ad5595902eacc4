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

const MOST_RANDOM: u64 = 4_096;
const MOST_EVENTS: usize = 32;
const MOST_EVENT: usize = 64 << 10;

impl config::Host for Guest {
    async fn get_json(&mut self) -> wasmtime::Result<String> {
        self.see("config.get-json").end("ok");
        Ok(self.config.to_string())
    }

    async fn secret(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        let seen = self.see("config.secret");
        if !self.ask() || self.package.secrets().get(name.as_str()) != Some(&SecretUse::Guest) {
            seen.end("none");
            return Ok(None);
        }
        let asked = timeout(self.remaining(), self.ports.secrets.secret(&self.scope, &name)).await;
        let found = asked.ok().and_then(Result::ok).flatten();
        seen.end(if found.is_some() { "ok" } else { "none" });
        let Some(secret) = found else { return Ok(None) };
        self.redactor.add(secret.expose());
        Ok(Some(secret.expose().to_owned()))
    }
}

impl log::Host for Guest {
    async fn write(&mut self, level: Level, text: String, fields: Vec<Kv>) -> wasmtime::Result<()> {
        self.line(level, text, fields);
        Ok(())
    }
}

impl Guest {
    /// A line of the run, while there is room.
    pub fn line(&mut self, level: Level, text: String, fields: Vec<Kv>) {
        let seen = self.see("log.write");
        let bytes = text.len() + fields.iter().map(|field| field.key.len() + field.value.len()).sum::<usize>();
        if self.lines.len() >= self.limits.log_lines || self.line_bytes + bytes > self.limits.log_bytes.bytes() {
            self.lines_lost += 1;
            return seen.end("lost");
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
        seen.end("ok");
    }
}

impl clock::Host for Guest {
    async fn now_unix_ms(&mut self) -> wasmtime::Result<u64> {
        self.see("clock.now-unix-ms").end("ok");
        Ok(unix_ms())
    }
}

pub(super) fn unix_ms() -> u64 {
    u64::try_from(now().as_millisecond()).unwrap_or_default()
}

impl random::Host for Guest {
    async fn bytes(&mut self, n: u32) -> wasmtime::Result<Vec<u8>> {
        self.see("random.bytes").end("ok");
        chance(n.into())
    }
}

pub(super) fn chance(n: u64) -> wasmtime::Result<Vec<u8>> {
    if n > MOST_RANDOM {
        return Err(Stop::TooMuch.into());
    }
    let mut out = vec![0; usize::try_from(n)?];
    aws_lc_rs::rand::fill(&mut out).map_err(|_| wasmtime::Error::msg("no randomness"))?;
    Ok(out)
}

impl events::Host for Guest {
    async fn emit(&mut self, topic: String, json: String) -> wasmtime::Result<Result<(), String>> {
        let seen = self.see("events.emit");
        let answer = self.emitted(&topic, &json).await;
        seen.with(answer)
    }
}

impl Guest {
    async fn emitted(&mut self, topic: &str, json: &str) -> Result<(), String> {
        let known = self.package.manifest.permissions.events.iter().any(|events| events.topics.iter().any(|known| known == topic));
        if !known {
            return Err(format!("el manifiesto no pide el tema «{topic}» en [permissions] events"));
        }
        if self.events >= MOST_EVENTS || json.len() > MOST_EVENT {
            return Err(format!("a lo más {MOST_EVENTS} eventos de {MOST_EVENT} bytes"));
        }
        let document = serde_json::from_str(json).map_err(|error| format!("no es JSON: {error}"))?;
        self.events += 1;
        match timeout(self.remaining(), self.ports.events.emit(&self.scope, topic, document)).await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(_) => Err("no terminó a tiempo".into()),
        }
    }
}
