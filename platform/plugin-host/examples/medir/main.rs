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
    /// Of a small rule, as a new plugin is.
    small: Both,
    /// Of a whole one, the vaccinations, on the facts of a young dog.
    whole: Both,
    /// The same, on 20 kB of facts.
    large: Both,
    load_ms: f64,
    /// Of a guest in Python, where there is one: its interpreter comes along.
    load_python_ms: Option<f64>,
    inflight_1000_mib: f64,
}

/// The host and the engine alone, in turns.
struct Both {
    host: Times,
    bare: Times,
    bytes: usize,
}

impl Both {
    fn ratio(&self) -> f64 {
        round(self.host.total().as_secs_f64() / self.bare.total().as_secs_f64())
    }

    fn print(&self, name: &str) {
        println!("{name}, {} B de hechos: el anfitrión entre el motor solo {:.2}", self.bytes, self.ratio());
        for (name, times) in [("anfitrión", &self.host), ("motor solo", &self.bare)] {
            println!("  {name:<12} p50 {:>7.1}  p99 {:>7.1}  máx {:>8.1} µs", times.us(0.5), times.us(0.99), times.us(1.0));
        }
    }
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
    id: String,
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
        Ok(Self { id: package.manifest.id, component, code, profile, trust })
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
        let Figures { small, whole, large, load_ms, load_python_ms, inflight_1000_mib } = figures;
        println!(
            "{}",
            json!({
                "host_p50_us": small.host.us(0.5), "host_p99_us": small.host.us(0.99),
                // The worse of the two rules.
                "ratio_to_bare": small.ratio().max(whole.ratio()),
                "alert_eval_p99_ms": round(large.host.us(0.99) / 1e3), "load_ms": load_ms, "load_python_ms": load_python_ms,
                "inflight_1000_mib": inflight_1000_mib,
                "ratio_small": small.ratio(), "ratio_whole": whole.ratio(),
                "whole_p50_us": whole.host.us(0.5), "whole_p99_us": whole.host.us(0.99),
            })
        );
    }
    Ok(())
}

async fn calls() -> Result<Figures> {
    let path = std::env::var_os("HUELLA_PEQUENA").map(PathBuf::from).context("falta HUELLA_PEQUENA")?;
    let compiler = Compiler::at(std::env::var_os("HUELLA_COMPILADOR").context("falta HUELLA_COMPILADOR")?);
    let (peso, vacunas) = (Compiled::read(&path, &compiler).await?, Compiled::of("vacunas").await?);
    let load_ms = load(&vacunas, 20)?;
    let load_python_ms = match std::env::var_os("HUELLA_PYTHON") {
        Some(path) => Some(load(&Compiled::read(Path::new(&path), &compiler).await?, 5)?),
        None => None,
    };
    let weighed =
        json!({ "esquema": "hechos/v1", "mascota": { "especie": "perro" }, "pesos": [{ "en": "2026-01-10T15:00:00Z", "kg": 7.4 }] });
    let small = Pair::of(&peso).await?.measure(&weighed).await?;
    let rule = Pair::of(&vacunas).await?;
    let figures = Figures {
        small,
        whole: rule.measure(&facts(2)).await?,
        large: rule.measure(&facts_of(20 << 10)).await?,
        load_ms,
        load_python_ms,
        inflight_1000_mib: flight::run().await?,
    };
    figures.small.print("regla pequeña (la que hace «huella-plugin new»)");
    figures.whole.print("regla entera (vacunas)");
    figures.large.print("regla entera (vacunas)");
    println!("límites: regla pequeña p50 100 µs y p99 500 µs; con 20 kB p99 1 000 µs; entre motor solo 2");
    match load_python_ms {
        Some(ms) => println!("cargar uno en Python {ms:.1} ms (límite 100)"),
        None => println!("sin un complemento en Python que cargar"),
    }
    println!("cargar {load_ms:.2} ms (límite 5); 1 000 en vuelo {:.1} MiB (límite 150)", figures.inflight_1000_mib);
    Ok(figures)
}

/// The middle of so many first loads, each on a host that never saw it.
fn load(rule: &Compiled, loads: usize) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..loads {
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
    async fn of(rule: &Compiled) -> Result<Self> {
        println!("{}: {} KiB de componente, {} KiB de código", rule.id, rule.component.len() >> 10, rule.code.len() >> 10);
        let host = host(64)?;
        let plugin = rule.load(&host, &rule.seal(&host)?)?;
        let installation = Installation { tenant: Uuid::now_v7(), sandbox: false, config: json!({}) };
        let installed = host.install(plugin, installation, Arc::new(Memory::default()).ports());
        let asked = installed.map_err(|faults| anyhow::anyhow!("{faults:?}"))?.alerts()?;
        let described = asked.describe().await.result?;
        let first = described.first().context("la regla no quiere saber de nada")?;
        let bare = Bare::new(&rule.code).map_err(|error| anyhow::anyhow!("{error:#}"))?;
        Ok(Self { asked, bare, trigger: first.trigger.clone(), wanted: first.facts.clone() })
    }

    /// Both on the same facts, in turns; what they answer has to be the same.
    async fn measure(&self, facts: &Value) -> Result<Both> {
        let at = || Moment { unix_ms: 0, today: TODAY.to_owned() };
        let text = pruned(facts, &self.wanted).to_string();
        let (mut host, mut bare) = (Times::default(), Times::default());
        for round in 0..=ROUNDS {
            let mut pair = (Times::default(), Times::default());
            for _ in 0..ROUND {
                let began = Instant::now();
                let run = self.asked.evaluate(&self.trigger, facts, &self.wanted, at()).await;
                pair.0.0.push(began.elapsed());
                let began = Instant::now();
                let alone = self.bare.evaluate(&self.trigger, &text, &at(), "{}").await;
                pair.1.0.push(began.elapsed());
                let alone = alone.map_err(|error| anyhow::anyhow!("{error:#}"))?;
                ensure!(run.result? == alone, "el anfitrión y el motor solo dijeron cosas distintas");
            }
            // The first one warms both.
            if round > 0 {
                host.0.append(&mut pair.0.0);
                bare.0.append(&mut pair.1.0);
            }
        }
        Ok(Both { host, bare, bytes: text.len() })
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
