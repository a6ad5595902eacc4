//! Two hundred hostile calls of one chain at once, and what another one's plugin takes meanwhile: open-loop, in turns with and
//! without them, in one run.
use crate::{
    bench::{median, round},
    chains::Cadena,
    complementos::Sala,
    huespedes::{NO_ALERTS, check, component, manifest, package},
    open_loop::{self, Ask, Line, Outcome, Pace},
    server::Server,
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::{cell::Cell, collections::BTreeMap, rc::Rc, time::Duration};
use tokio::task::LocalSet;

const AT_ONCE: usize = 200;
const ROUNDS: usize = 3;
/// Of each kind, in each round.
const SECONDS: f64 = 8.0;
/// The other chain's calls a second.
const RATE: f64 = 50.0;
/// Computes for a tenth of a second or so, and answers: a guest that is ended at its limit is put away after the third time,
/// and hurts nobody any more.
const BUSY: &str = "(local $n i32) (loop $l (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $l (i32.lt_u (local.get $n) (i32.const 200000000)))) (call $ok)";

pub struct Hostiles {
    mucho: String,
    poco: String,
}

/// A hostile plugin in the first chain, a small one in the second.
pub async fn install(sala: &Sala<'_>) -> Result<Hostiles> {
    let hook = "#handle-webhook\") (param i32) (result i32) unreachable)";
    let publish = async |name: &str, body: &str| {
        let module = check("", body).replacen(hook, &format!("#handle-webhook\") (param i32) (result i32) {NO_ALERTS})"), 1);
        let more: Value = json!({ "id": format!("pe.prueba.{name}"), "limits": { "cpu": "2s" } });
        sala.publish(&package(&component("notification", &module), manifest("notification", more), None)).await
    };
    let (mucho, poco) = (publish("mucho", BUSY).await?, publish("poco", "(call $ok)").await?);
    sala.install(&sala.chains[0], &mucho).await?;
    sala.install(&sala.chains[1], &poco).await?;
    Ok(Hostiles { mucho, poco })
}

fn ask(cadena: &Cadena, complemento: &str) -> Ask {
    Ask::post(cadena.token(), format!("/api/v1/complementos/{complemento}/probar"))
}

/// How many times as long the other chain's slowest call in a hundred takes.
pub async fn run(sala: &Sala<'_>, server: &Server, hostiles: &Hostiles) -> Result<f64> {
    let (one, other) = (&sala.chains[0], &sala.chains[1]);
    calls(server, other, &hostiles.poco, 2.0).await?;
    let mut ratios = Vec::new();
    let mut said = BTreeMap::new();
    for _ in 0..ROUNDS {
        one.sign_in(server).await?;
        other.sign_in(server).await?;
        let alone = calls(server, other, &hostiles.poco, SECONDS).await?;
        let (beside, answers) = with_flood(server, one, other, hostiles).await?;
        for (status, count) in answers {
            *said.entry(status).or_insert(0) += count;
        }
        for outcome in [&alone, &beside] {
            outcome.flawless()?;
        }
        println!(
            "otra cadena, {RATE}/s                p50 {:.2}  p99 {:.2} ms; junto a {AT_ONCE} hostiles a la vez: p50 {:.2}  p99 {:.2} ms",
            alone.ms(0.5),
            alone.ms(0.99),
            beside.ms(0.5),
            beside.ms(0.99)
        );
        ratios.push(beside.ms(0.99) / alone.ms(0.99));
    }
    ensure!(said.get("ok").is_some_and(|count| *count > AT_ONCE), "las llamadas hostiles no calcularon: {said:?}");
    let ratio = round(median(ratios));
    println!("hostil: el P99 de otra cadena, {ratio:.2} veces el suyo; las {AT_ONCE} a la vez respondieron {said:?}");
    Ok(ratio)
}

async fn calls(server: &Server, cadena: &Rc<Cadena>, complemento: &str, seconds: f64) -> Result<Outcome> {
    cadena.sign_in(server).await?;
    let (cadena, complemento) = (cadena.clone(), complemento.to_owned());
    let pace = Pace { rate: Some(RATE), seconds, connections: 64 };
    open_loop::run(&server.address, pace, move |_| Ok(ask(&cadena, &complemento))).await
}

/// All two hundred, again and again: the next ones when the last of these is answered.
async fn with_flood(
    server: &Server,
    one: &Rc<Cadena>,
    other: &Rc<Cadena>,
    hostiles: &Hostiles,
) -> Result<(Outcome, BTreeMap<String, usize>)> {
    let going = Rc::new(Cell::new(true));
    let mut lines = Vec::with_capacity(AT_ONCE);
    let local = LocalSet::new();
    local
        .run_until(async {
            for _ in 0..AT_ONCE {
                lines.push(Rc::new(tokio::sync::Mutex::new(Line::open(&server.address).await?)));
            }
            let (until, cadena, complemento) = (going.clone(), one.clone(), hostiles.mucho.clone());
            let flood = tokio::task::spawn_local(async move {
                let mut said: BTreeMap<String, usize> = BTreeMap::new();
                while until.get() {
                    let asking: Vec<_> = lines
                        .iter()
                        .map(|line| {
                            let (line, ask) = (line.clone(), ask(&cadena, &complemento));
                            tokio::task::spawn_local(async move { line.lock().await.whole(&ask).await })
                        })
                        .collect();
                    for answer in asking {
                        let (status, body) = answer.await??;
                        let resultado = body["resultado"].as_str().map_or_else(|| status.to_string(), str::to_owned);
                        *said.entry(resultado).or_default() += 1;
                    }
                }
                anyhow::Ok(said)
            });
            tokio::time::sleep(Duration::from_millis(500)).await;
            let beside = calls(server, other, &hostiles.poco, SECONDS).await?;
            going.set(false);
            Ok((beside, flood.await??))
        })
        .await
}
