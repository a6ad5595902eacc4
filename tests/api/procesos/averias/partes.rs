//! Redis and the file store are gone, mute or full: what can go on goes on, and what cannot says so and leaves nothing half-written.
use super::{Paso, Puerta};
use crate::procesos::serve::Servicio;
use huella_tests::{CLAVE, Cliente, afuera, andina, cliente::send, id};
use reqwest::{Method, header};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn state(servicio: &Servicio) -> Value {
    let answer = reqwest::get(format!("http://127.0.0.1:{}/readyz", servicio.port)).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

/// Until `/readyz` says so of a part, or, of what is fine again, that it is fine.
async fn until(servicio: &Servicio, parte: &str, fine: bool) {
    let start = Instant::now();
    while (state(servicio).await["partes"][parte] == "bien") != fine {
        assert!(start.elapsed() < Duration::from_secs(30), "{parte}: never {fine}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_nobody_is_signed_out_and_all_goes_on() {
    let servicio = Servicio::of(&["andina"]).await;
    let redis = std::env::var("REDIS_URL").expect("REDIS_URL: run `cargo xtask test`");
    let (scheme, rest) = redis.split_once("://").expect("an address");
    let (who, place) = rest.rsplit_once('@').map_or((String::new(), rest), |(who, place)| (format!("{who}@"), place));
    let (place, database) = place.split_once('/').map_or((place, String::new()), |(place, db)| (place, format!("/{db}")));
    let puerta = Puerta::to(place.to_owned()).await;
    let through = format!("{scheme}://{who}127.0.0.1:{}{database}", puerta.port);
    let server = servicio.serve_with(&[("REDIS_URL", &through)]).await;
    until(&servicio, "cache", true).await;
    let nadie = Cliente::new(&format!("http://127.0.0.1:{}", servicio.port));
    let entry = json!({ "cadena": "andina", "correo": andina::RECEPCION_LIMA, "contrasena": CLAVE });
    let mut session = nadie.post("/sesiones", entry.clone()).await.ok();
    let mut bookings = servicio.bookings(&servicio.recepcion().await).await.into_iter();
    for paso in [Paso::Cortado, Paso::Mudo] {
        puerta.poner(paso);
        until(&servicio, "cache", false).await;
        let mut longest = Duration::ZERO;
        for _ in 0..5 {
            let start = Instant::now();
            let recepcion = nadie.with_token(session["token"].as_str().expect("a token"));
            recepcion.get("/yo").await.ok();
            let booked = recepcion.post("/citas/reservar", bookings.next().expect("one more")).await;
            assert!([201, 422].contains(&booked.status.as_u16()), "{paso:?}: {:#}", booked.body);
            session = nadie.post("/sesiones/renovar", json!({ "renovacion": session["renovacion"] })).await.ok();
            nadie.post("/sesiones", entry.clone()).await.ok();
            longest = longest.max(start.elapsed());
        }
        eprintln!("{paso:?}: four requests in {} ms at most", longest.as_millis());
        assert!(longest < Duration::from_secs(4), "{paso:?}: {longest:?}");
        // TCP gives up what was mute.
        puerta.poner(Paso::Cortado);
        until(&servicio, "cache", false).await;
        puerta.poner(Paso::Abierto);
        until(&servicio, "cache", true).await;
    }
    drop(server);
    servicio.gone().await;
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nuno";
const LLENO: &str = "HTTP/1.1 507 Insufficient Storage\r\ncontent-type: application/xml\r\ncontent-length: 108\r\nconnection: close\r\n\r\n\
    <?xml version=\"1.0\"?><Error><Code>XMinioStorageFull</Code><Message>Storage backend is full</Message></Error>";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_store_that_is_gone_or_full_is_told_and_nothing_is_half_written() {
    let servicio = Servicio::of(&["andina"]).await;
    let mut variables = afuera::s3_variables();
    let endpoint = variables[0].1.clone();
    let puerta = Puerta::to(endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned()).await;
    variables[0].1 = format!("http://127.0.0.1:{}", puerta.port);
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = servicio.serve_with(&variables).await;
    let recepcion = servicio.recepcion().await;
    let patient = json!({ "tutor": { "nombres": "Tutor", "apellidos": "De Luna" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let luna = id(&recepcion.post("/pacientes/registro", patient).await.created()["mascota"]);
    let path = format!("/pacientes/{luna}/foto");
    let put = || {
        let request = recepcion.request(Method::PUT, &path).header(header::IF_MATCH, "*");
        send(request.header(header::CONTENT_TYPE, "image/png").body(PNG))
    };
    let tenant = servicio.id_of("tenants", "clave", "andina").await;
    for paso in [Paso::Cortado, Paso::Responde(LLENO), Paso::Mudo] {
        puerta.poner(paso);
        let start = Instant::now();
        let answer = put().await;
        assert!(answer.headers.contains_key("retry-after"), "{paso:?}");
        answer.problem(503, "no-disponible");
        assert!(start.elapsed() < Duration::from_secs(12), "{paso:?}: {:?}", start.elapsed());
        eprintln!("{paso:?}: told after {} ms", start.elapsed().as_millis());
        // The rest of the day goes on, and nothing says that there is a photo.
        assert_eq!(recepcion.get(&format!("/pacientes/{luna}")).await.ok()["tiene_foto"], false, "{paso:?}");
        let noted = "select (select count(*) from mascotas where foto is not null) + (select count(*) from auditoria where accion = 'cambiar_foto')";
        assert_eq!(servicio.number(noted).await, 0, "{paso:?}");
        assert_eq!(afuera::stored(&format!("{tenant}/fotos/{luna}")), Vec::<String>::new(), "{paso:?}");
        assert_eq!(state(&servicio).await["estado"], "degradado", "{paso:?}");
    }
    puerta.poner(Paso::Abierto);
    until(&servicio, "archivos", true).await;
    put().await.ok();
    assert_eq!(recepcion.get(&path).await.bytes, PNG);
    drop(server);
    servicio.gone().await;
}
