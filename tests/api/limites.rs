//! How much one may ask for: counted per address, person and chain, over all servers.
use huella_tests::{Cliente, Huella, Modo, andina, costera};
use kernel::ports::Cache;
use reqwest::header::HeaderMap;
use serde_json::json;
use server::{http::HttpSettings, limites::Ritmo};
use std::{sync::Arc, time::Duration};

/// Servers of one chain with this rhythm, and what they share.
fn modo(ritmo: Ritmo, cache: Option<Arc<dyn Cache>>) -> Modo {
    Modo { http: HttpSettings { limites: ritmo, ..HttpSettings::default() }, cache, ..Modo::default() }
}

fn number(headers: &HeaderMap, name: &str, parameter: &str) -> i64 {
    let text = headers.get(name).unwrap_or_else(|| panic!("{name} in {headers:?}")).to_str().expect("text");
    text.split(';').find_map(|part| part.strip_prefix(parameter)).expect(parameter).parse().expect("a number")
}

/// How many of so many requests are answered.
async fn answered(who: &Cliente, many: usize) -> usize {
    let mut good = 0;
    for _ in 0..many {
        let answer = who.get("/sedes").await;
        match answer.status.as_u16() {
            200 => good += 1,
            _ => drop(answer.problem(429, "demasiadas-solicitudes")),
        }
    }
    good
}

const SIN_LIMITE: Ritmo = Ritmo { direccion: 0, usuario: 0, cadena: 0 };

#[tokio::test]
async fn a_person_who_asks_too_much_waits_and_others_do_not() {
    let huella = Huella::start_with(modo(Ritmo { usuario: 30, ..SIN_LIMITE }, None)).await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let first = recepcion.get("/sedes").await;
    assert_eq!(first.headers["ratelimit-policy"], "\"usuario\";q=30;w=60");
    assert_eq!(number(&first.headers, "ratelimit", "r="), 29);
    assert_eq!(answered(&recepcion, 40).await, 29);
    let refused = recepcion.get("/sedes").await;
    let wait: i64 = refused.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=60).contains(&wait) && number(&refused.headers, "ratelimit", "t=") == wait, "{:?}", refused.headers);
    assert_eq!(number(&refused.headers, "ratelimit", "r="), 0);
    assert_eq!(answered(&huella.como(andina::DR_SOTO).await, 5).await, 5, "somebody else of the chain");
    huella.avanzar(jiff::SignedDuration::from_secs(wait));
    assert_eq!(answered(&recepcion, 5).await, 5, "a minute later");
}

/// Whoever asks a thousand times a second for a minute, as one person at one address, is nobody who runs in circles.
#[tokio::test]
async fn a_thousand_a_second_of_one_person_is_within_the_usual_measure() {
    let huella = Huella::start().await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let answer = recepcion.get("/sedes").await;
    assert!(answer.headers["ratelimit-policy"].to_str().is_ok_and(|policy| policy.starts_with("\"usuario\"")), "{:?}", answer.headers);
    let usual = Ritmo::default();
    assert_eq!(number(&answer.headers, "ratelimit-policy", "q="), i64::from(usual.usuario));
    for measure in [usual.usuario, usual.direccion, usual.cadena] {
        assert!(measure >= 60_000, "{usual:?}");
    }
    // Signing in is counted apart, and far more strictly.
    let wrong = json!({ "cadena": "andina", "correo": andina::DR_SOTO, "contrasena": "no es esta" });
    let mut refused = 0;
    for _ in 0..40 {
        refused += usize::from(huella.nadie().post("/sesiones", wrong.clone()).await.status == 429);
    }
    assert!(refused > 0, "forty wrong tries were not too many");
}

#[tokio::test]
async fn a_chain_and_an_address_have_their_own_measure() {
    let huella = Huella::start_with(modo(Ritmo { cadena: 20, ..SIN_LIMITE }, None)).await;
    let (one, two) = (huella.como(andina::RECEPCION_LIMA).await, huella.como(andina::DR_SOTO).await);
    let other = huella.como(costera::ADMIN).await;
    assert_eq!(answered(&one, 15).await + answered(&two, 15).await, 20);
    assert_eq!(answered(&other, 15).await, 15, "another chain");
    // Who did not sign in is counted apart, and uses up nothing of the chain's people.
    let nobody = huella.nadie();
    assert_ne!(nobody.get("/publico/andina").await.status, 429);
    for _ in 0..20 {
        nobody.get("/publico/andina").await;
    }
    let refused = nobody.get("/publico/andina").await;
    assert_eq!(refused.headers["ratelimit-policy"], "\"publico\";q=20;w=60");
    refused.problem(429, "demasiadas-solicitudes");
    assert_ne!(nobody.get("/publico/costera").await.status, 429);
    let huella = Huella::start_with(modo(Ritmo { direccion: 20, ..SIN_LIMITE }, None)).await;
    let nobody = huella.nadie();
    for _ in 0..20 {
        nobody.get("/yo").await.problem(401, "sin-sesion");
    }
    let refused = nobody.post("/sesiones", json!({})).await;
    assert_eq!(refused.headers["ratelimit-policy"], "\"direccion\";q=20;w=60");
    refused.problem(429, "demasiadas-solicitudes");
    // A probe is always answered.
    nobody.get("//healthz").await.ok();
    nobody.get("//readyz").await.ok();
}

#[tokio::test]
async fn two_servers_count_together_over_redis() {
    let url = std::env::var("REDIS_URL").expect("REDIS_URL: run `cargo xtask test`");
    let config = adapters::RedisConfig::from_url(&url).expect("an address").with_prefix(format!("{}:", uuid::Uuid::now_v7().simple()));
    let cache: Arc<dyn Cache> = Arc::new(adapters::RedisCache::new(&config).expect("a cache"));
    let huella = Huella::start_with(modo(Ritmo { usuario: 60, ..SIN_LIMITE }, Some(cache))).await;
    let other = huella.otra_instancia().await;
    let here = huella.como(andina::RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..here.clone() };
    let (mut good, mut rounds) = (0, 0);
    while rounds < 10 {
        good += answered(&here, 10).await + answered(&there, 10).await;
        rounds += 1;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!((60..=80).contains(&good), "{good} of 60 that both may answer together, and what one answers before it hears of the other");
    assert_eq!(answered(&here, 3).await + answered(&there, 3).await, 0);
}

#[tokio::test]
async fn without_the_shared_cache_each_server_still_counts() {
    let nowhere = adapters::RedisConfig::from_url("redis://127.0.0.1:1").expect("an address");
    let lost: Arc<dyn Cache> = Arc::new(adapters::RedisCache::new(&nowhere).expect("a cache"));
    let huella = Huella::start_with(modo(Ritmo { usuario: 20, ..SIN_LIMITE }, Some(lost))).await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    assert_eq!(answered(&recepcion, 15).await, 15);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(answered(&recepcion, 15).await, 5);
}
