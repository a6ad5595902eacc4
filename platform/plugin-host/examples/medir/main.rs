//! `cargo xtask bench plugins`: what a plugin's call costs, beside the same component on a bare engine in the same run.
mod flight;

use anyhow::{Context, Result, ensure};
use plugin_host::{
    Admission, Compiler, Host, Installation, Options, Plugin, Profile, SealKey,
    bare::Bare,
    manifest::{SigningKey, Trust, counter_sign, identity, sign},
    memory::Memory,
    v0_1::{AlertPlugin, Moment},
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

const TODAY: &str = "2027-03-14";
/// Calls of one round; rounds alternate, so that what the machine does beside falls on both.
const ROUND: usize = 500;
const ROUNDS: usize = 12;

struct Figures {
    host_p50_us: f64,
    host_p99_us: f64,
    ratio_to_bare: f64,
    alert_eval_p99_ms: f64,
    load_ms: f64,
    inflight_1000_mib: f64,
}

/// Two decimals.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The one in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Signed, and compiled for this machine.
struct Compiled {
    component: Vec<u8>,
    code: Vec<u8>,
    profile: Profile,
    trust: Trust,
}

impl Compiled {
    /// Of `plugins/dist`, by the compiler that is named in the environment.
    async fn of(name: &str) -> Result<Self> {
        let var = |name: &str| std::env::var_os(name).map(PathBuf::from).with_context(|| format!("falta {name}"));
        let path = var("HUELLA_DIST")?.join(format!("{name}.wasm"));
        Self::read(&path, &Compiler::at(var("HUELLA_COMPILADOR")?)).await
    }

    async fn read(path: &Path, compiler: &Compiler) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        let package = plugin_host::manifest::Package::read(&bytes)?;
        let (publisher, platform) =
            (SigningKey::generate().map_err(anyhow::Error::msg)?, SigningKey::generate().map_err(anyhow::Error::msg)?);
        let component = counter_sign(&sign(&bytes, &publisher)?, &platform)?;
        let mut trust = Trust::default();
        trust.publishers.entry(package.manifest.publisher.clone()).or_default().insert(publisher.public());
        trust.platform.insert(platform.public());
        let profile = Profile::from(package.manifest.world.world);
        let code = compiler.compile(&component, profile).await?;
        Ok(Self { component, code, profile, trust })
    }

    fn load(&self, host: &Host, sealed: &[u8]) -> Result<Arc<Plugin>> {
        Ok(host.load(&self.component, sealed, &Admission::Signed { trust: &self.trust, sandbox: false })?)
    }

    fn seal(&self, host: &Host) -> Result<Vec<u8>> {
        Ok(host.seal(&identity(&self.component)?, self.profile, &self.code))
    }
}

fn host(at_once: u32) -> Result<Host> {
    Ok(Host::new(Options { at_once, ..Options::new(SealKey::new(&[7; 32])) })?)
}

/// One thread, as the bare engine has: what is compared is the work, not who does it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let figures = calls().await?;
    if std::env::args().any(|argument| argument == "--json") {
        let Figures { host_p50_us, host_p99_us, ratio_to_bare, alert_eval_p99_ms, load_ms, inflight_1000_mib } = figures;
        println!(
            "{}",
            json!({
                "host_p50_us": host_p50_us, "host_p99_us": host_p99_us, "ratio_to_bare": ratio_to_bare,
                "alert_eval_p99_ms": alert_eval_p99_ms, "load_ms": load_ms, "inflight_1000_mib": inflight_1000_mib,
            })
        );
    }
    Ok(())
}

async fn calls() -> Result<Figures> {
    let rule = Compiled::of("vacunas").await?;
    println!("vacunas: {} KiB de componente, {} KiB de código", rule.component.len() >> 10, rule.code.len() >> 10);
    let load_ms = load(&rule)?;
    let host = host(64)?;
    let plugin = rule.load(&host, &rule.seal(&host)?)?;
    let installation = Installation { tenant: Uuid::now_v7(), sandbox: false, config: json!({}) };
    let installed = host.install(plugin, installation, Arc::new(Memory::default()).ports());
    let asked = installed.map_err(|faults| anyhow::anyhow!("{faults:?}"))?.alerts()?;
    let described = asked.describe().await.result?;
    let first = described.first().context("la regla no quiere saber de nada")?;
    let bare = Bare::new(&rule.code).map_err(|error| anyhow::anyhow!("{error:#}"))?;
    let pair = Pair { asked, bare, trigger: first.trigger.clone(), wanted: first.facts.clone() };
    let small = facts(2);
    let (own, alone) = pair.measure(&small).await?;
    let large = facts_of(20 << 10);
    let (evaluated, evaluated_alone) = pair.measure(&large).await?;
    let figures = Figures {
        host_p50_us: own.us(0.5),
        host_p99_us: own.us(0.99),
        ratio_to_bare: round(own.total().as_secs_f64() / alone.total().as_secs_f64()),
        alert_eval_p99_ms: round(evaluated.us(0.99) / 1e3),
        load_ms,
        inflight_1000_mib: flight::run().await?,
    };
    for (name, size, times) in [
        ("anfitrión", small.to_string().len(), &own),
        ("motor solo", small.to_string().len(), &alone),
        ("anfitrión", large.to_string().len(), &evaluated),
        ("motor solo", large.to_string().len(), &evaluated_alone),
    ] {
        println!(
            "{name:<12} {size:>6} B de hechos  p50 {:>7.1}  p99 {:>7.1}  máx {:>8.1} µs",
            times.us(0.5),
            times.us(0.99),
            times.us(1.0)
        );
    }
    println!(
        "anfitrión entre motor solo: {:.2} (límite 2); cargar {:.2} ms (límite 5); 1 000 en vuelo {:.1} MiB (límite 150)",
        figures.ratio_to_bare, figures.load_ms, figures.inflight_1000_mib
    );
    Ok(figures)
}

/// The middle of twenty first loads, each on a host that never saw it.
fn load(rule: &Compiled) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..20 {
        let host = host(4)?;
        let sealed = rule.seal(&host)?;
        let began = Instant::now();
        rule.load(&host, &sealed)?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(round(median(times)))
}

struct Pair {
    asked: Arc<dyn AlertPlugin>,
    bare: Bare,
    trigger: String,
    wanted: Vec<String>,
}

impl Pair {
    /// Both on the same facts, in turns; what they answer has to be the same.
    async fn measure(&self, facts: &Value) -> Result<(Times, Times)> {
        let at = || Moment { unix_ms: 0, today: TODAY.to_owned() };
        let text = pruned(facts, &self.wanted).to_string();
        let (mut own, mut alone) = (Times::default(), Times::default());
        for round in 0..=ROUNDS {
            let mut pair = (Times::default(), Times::default());
            for _ in 0..ROUND {
                let given = facts.clone();
                let began = Instant::now();
                let run = self.asked.evaluate(self.trigger.clone(), given, &self.wanted, at()).await;
                pair.0.0.push(began.elapsed());
                let began = Instant::now();
                let bare = self.bare.evaluate(&self.trigger, &text, &at(), "{}").await;
                pair.1.0.push(began.elapsed());
                let bare = bare.map_err(|error| anyhow::anyhow!("{error:#}"))?;
                ensure!(run.result? == bare, "el anfitrión y el motor solo dijeron cosas distintas");
            }
            // The first one warms both.
            if round > 0 {
                own.0.append(&mut pair.0.0);
                alone.0.append(&mut pair.1.0);
            }
        }
        Ok((own, alone))
    }
}

fn pruned(facts: &Value, wanted: &[String]) -> Value {
    let all = facts.as_object().into_iter().flatten();
    all.filter(|(name, _)| wanted.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
    fn us(&self, quantile: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort();
        let at = ((sorted.len() as f64 * quantile).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        round(sorted.get(at).copied().unwrap_or_default().as_secs_f64() * 1e6)
    }
    fn total(&self) -> Duration {
        self.0.iter().sum()
    }
}

/// A dog with so many vaccinations behind it.
fn facts(vaccinations: usize) -> Value {
    let antigens = ["moquillo", "parvovirus", "adenovirus", "parainfluenza", "leptospira", "rabia"];
    let given = (0..vaccinations).map(|n| {
        json!({
            "id": format!("01890000-0000-7000-8000-{n:012x}"), "fecha": format!("20{:02}-{:02}-10", 10 + n % 16, 1 + n % 12),
            "producto": "Séxtuple", "antigenos": antigens, "lote": format!("L-{n:06}"), "anterior": false,
        })
    });
    json!({
        "esquema": "hechos/v1",
        "mascota": {
            "id": "01890000-0000-7000-8000-000000000001", "especie": "perro", "raza": "Schnauzer", "sexo": "hembra", "esterilizado": true,
            "nacimiento": "2018-03-10", "nacimiento_estimado": false,
        },
        "pesos": [], "vacunas": given.collect::<Vec<_>>(), "desparasitaciones": [], "problemas": [], "alergias": [], "tratamientos": [],
    })
}

/// At least so many bytes of them.
fn facts_of(bytes: usize) -> Value {
    (1..).map(facts).find(|facts| facts.to_string().len() >= bytes).unwrap_or_default()
}
