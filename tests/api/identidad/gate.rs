//! Credentials on every request: fast, and dead within seconds once they are revoked.
use super::*;
use axum::http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use huella_tests::{
    Modo,
    andina::{ADMIN, RECEPCION_LIMA},
};
use jiff::SignedDuration;
use kernel::ports::Gate;
use std::time::{Duration, Instant};

/// How long until the other server, which shares nothing but the database, says no.
async fn hasta(status: u16, cliente: &Cliente, path: &str) -> Duration {
    let began = Instant::now();
    while cliente.get(path).await.status.as_u16() != status {
        assert!(began.elapsed() < Duration::from_secs(5), "still not {status}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

#[tokio::test]
async fn another_server_knows_within_five_seconds_that_a_session_ended() {
    let huella = Huella::start().await;
    let otra = huella.otra_instancia().await;
    let yo = huella.como(RECEPCION_LIMA).await;
    let there = otra.nadie().with_token(yo.token.as_deref().expect("a token"));
    there.get("/sesiones").await.ok();
    yo.delete("/sesiones/actual").await.expect(204);
    hasta(401, &there, "/sesiones").await;
}

#[tokio::test]
async fn another_server_knows_within_five_seconds_that_a_permission_is_gone() {
    let huella = Huella::start().await;
    let otra = huella.otra_instancia().await;
    let yo = huella.como(RECEPCION_LIMA).await;
    let there = otra.nadie().with_token(yo.token.as_deref().expect("a token"));
    there.get("/sedes").await.ok();
    let usuario = usuario_id(&huella, RECEPCION_LIMA).await;
    let asignacion: String = huella.scalar(&format!("select id::text from asignaciones where usuario_id = '{usuario}'")).await;
    huella.como(ADMIN).await.delete(&format!("/asignaciones/{asignacion}")).await.expect(204);
    hasta(403, &there, "/sedes").await;
    hasta(403, &yo, "/sedes").await;
}

#[tokio::test]
async fn a_chain_that_is_switched_off_is_out_everywhere() {
    let huella = Huella::start().await;
    let yo = huella.como(RECEPCION_LIMA).await;
    yo.get("/sesiones").await.ok();
    huella.execute("update tenants set activo = false where clave = 'andina'").await;
    hasta(401, &yo, "/sesiones").await;
    ingresar(&huella, ingreso(RECEPCION_LIMA)).await.problem(401, "credenciales");
}

#[tokio::test]
async fn the_gate_answers_from_memory() {
    let huella = Huella::start().await;
    let yo = huella.como(RECEPCION_LIMA).await;
    yo.get("/sesiones").await.ok();
    let mut headers = HeaderMap::new();
    let value = format!("Bearer {}", yo.token.as_deref().expect("a token"));
    headers.insert(AUTHORIZATION, HeaderValue::try_from(value).expect("ASCII"));
    let gate = huella.parts.identidad.gate();
    let origin = kernel::Origin { ip: std::net::Ipv4Addr::LOCALHOST.into(), agent: "".into(), trace: "".into() };
    let (rounds, began) = (20_000, Instant::now());
    for _ in 0..rounds {
        assert!(gate.identify(kernel::ports::Asked::reading(&headers), &origin).await.expect("known").is_some());
    }
    let each = began.elapsed() / rounds;
    println!("the gate takes {each:?}");
    // 2 µs is the figure for a release build on a quiet machine.
    assert!(each < Duration::from_micros(40), "{each:?}");
}

#[tokio::test]
async fn two_credentials_at_once_are_one_too_many() {
    let huella = Huella::start().await;
    let yo = huella.como(RECEPCION_LIMA).await;
    let twice = yo.request(Method::GET, "/sesiones").header("Authorization", "Bearer otro");
    huella_tests::cliente::send(twice).await.problem(400, "dos-credenciales");
    let cookie = yo.request(Method::GET, "/sesiones").header("Cookie", "__Host-huella=x");
    huella_tests::cliente::send(cookie).await.problem(400, "dos-credenciales");
}

#[tokio::test]
async fn what_is_no_credential_is_refused() {
    let huella = Huella::start().await;
    let nadie = huella.nadie();
    nadie.get("/sesiones").await.problem(401, "sin-sesion");
    for value in ["Basic eDp5", "Bearer", "Bearer x", "Bearer a.b.c", "hola"] {
        let request = nadie.request(Method::GET, "/sesiones").header("Authorization", value);
        huella_tests::cliente::send(request).await.problem(401, "sin-sesion");
    }
}

#[tokio::test]
async fn keys_rotate_under_everybodys_feet() {
    let huella = Huella::start_with(Modo::con_claves_propias()).await;
    let otra = huella.otra_instancia().await;
    let before = huella.como(RECEPCION_LIMA).await;
    let (kid, from) = huella.parts.identidad.keys().rotate(huella.now()).expect("rotated");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let published = huella_tests::cliente::send(otra.nadie().request(Method::GET, "//.well-known/jwks.json")).await.ok();
    let kids: Vec<&str> = published["keys"].as_array().expect("keys").iter().filter_map(|key| key["kid"].as_str()).collect();
    assert!(kids.contains(&kid.as_str()) && kids.len() == 2, "{kids:?}");
    assert!(published["keys"].as_array().expect("keys").iter().all(|key| key.get("d").is_none() && key["crv"] == "Ed25519"));

    for instance in [&huella, &otra] {
        instance.avanzar(from.duration_since(instance.now()) - SignedDuration::from_secs(1));
    }
    let still = huella.como(RECEPCION_LIMA).await;
    for instance in [&huella, &otra] {
        instance.avanzar(SignedDuration::from_secs(1));
    }
    let after = huella.como(RECEPCION_LIMA).await;
    for yo in [&still, &after] {
        yo.get("/sesiones").await.ok();
        otra.nadie().with_token(yo.token.as_deref().expect("a token")).get("/sesiones").await.ok();
    }
    before.get("/sesiones").await.problem(401, "sin-sesion");
}

/// A backup is restored under running servers. In it the chain's version is lower and this person holds nothing.
#[tokio::test]
async fn an_older_database_is_believed_and_memory_is_not() {
    let huella = Huella::start().await;
    let yo = huella.como(RECEPCION_LIMA).await;
    let version = async |version: i64| {
        huella
            .execute(&format!(
                "update versiones_acceso set version = {version} where tenant_id = (select id from tenants where clave = 'andina')"
            ))
            .await;
    };
    yo.get("/sedes").await.ok();
    version(1_000).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    yo.get("/sedes").await.ok();

    let usuario = usuario_id(&huella, RECEPCION_LIMA).await;
    huella
        .execute(&format!(
            "select set_config('app.tenant', (select id::text from tenants where clave = 'andina'), true);
             delete from asignaciones where usuario_id = '{usuario}'; update versiones_acceso set version = 900"
        ))
        .await;
    version(900).await;
    hasta(403, &yo, "/sedes").await;
    // Nor when the restored chain comes to the version under which it was remembered.
    version(1_000).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    yo.get("/sedes").await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn a_session_of_another_chain_opens_nothing_here() {
    let huella = Huella::start().await;
    let sesion = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let costera = huella.como(huella_tests::costera::ADMIN).await;
    let path = format!("/usuarios/{}/sesiones", sesion["usuario"]["id"].as_str().expect("an id"));
    costera.get(&path).await.problem(404, "no-encontrado");
    costera.delete(&path).await.problem(404, "no-encontrado");
    costera.delete(&format!("/sesiones/{}", sesion["sesion_id"].as_str().expect("an id"))).await.problem(404, "no-encontrado");
    huella.avanzar(SignedDuration::from_secs(1));
    assert_eq!(entra(&huella, token(&sesion)).await, 200);
}
