//! Letters answered with one click, and what nobody else can do with them.
use super::{Familia, Mundo};
use huella_tests::{Cliente, Respuesta, andina::RECEPCION_CUSCO, cliente::send, costera, id};
use jiff::SignedDuration;
use reqwest::{Method, header};
use serde_json::{Value, json};

/// The address of the page in the last letter, below the server's.
fn enlace(familia: &Familia) -> String {
    let carta = familia.cartas().pop().expect("a letter");
    let found = carta.text.split_whitespace().find(|word| word.contains("/citas/respuestas/")).expect("a link").to_owned();
    assert!(carta.html.contains(&format!("href=\"{found}\"")), "{}", carta.html);
    found.strip_prefix("https://huella.example/api/v1").expect("of this server").to_owned()
}

async fn abrir(who: &Cliente, path: &str) -> Respuesta {
    send(who.request(Method::GET, path)).await
}

async fn contestar(who: &Cliente, path: &str, form: &[(&str, &str)]) -> Respuesta {
    send(who.request(Method::POST, path).form(form)).await
}

fn html(answer: &Respuesta) -> String {
    String::from_utf8(answer.bytes.clone()).expect("text")
}

impl Mundo {
    async fn cita(&self, cita: &Value) -> Value {
        self.recepcion().await.get(&format!("/citas/{}", id(cita))).await.ok()
    }
}

#[tokio::test]
async fn an_owner_confirms_and_cancels_with_one_click_and_opening_the_page_does_nothing() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna <b>").await;
    let cita = mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let (path, nadie) = (enlace(&familia), mundo.huella.nadie());
    for _ in 0..3 {
        let page = abrir(&nadie, &path).await;
        assert_eq!(page.status, 200);
        let text = html(&page);
        for said in ["Luna &lt;b&gt;", "martes 3 de marzo de 2026, 3:30 p. m.", "Andina Lima", "value=\"confirmar\"", "value=\"anular\""] {
            assert!(text.contains(said), "{said}: {text}");
        }
        for hidden in ["Rosa", "Núñez", "Soto", "Consulta", "<script", &familia.correo, &familia.tutor, &familia.mascota, &id(&cita)] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        let csp = page.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("ASCII");
        assert!(csp.contains("default-src 'none'") && csp.contains("style-src 'sha256-") && !csp.contains("unsafe"), "{csp}");
    }
    assert_eq!(mundo.cita(&cita).await["estado"], "programada", "programs open links too");

    for _ in 0..2 {
        let page = contestar(&nadie, &path, &[("accion", "confirmar")]).await;
        assert!(page.status == 200 && html(&page).contains("quedó confirmada"), "{}", html(&page));
    }
    let confirmed = mundo.cita(&cita).await;
    assert_eq!((&confirmed["estado"], confirmed["version"].as_i64()), (&json!("confirmada"), Some(2)), "once");
    let who: String = mundo.huella.scalar("select actor_tipo from auditoria where entidad = 'cita' and accion = 'cambiar'").await;
    assert_eq!(who, "anonimo");

    // The link is still good: the owner changes their mind.
    for _ in 0..2 {
        let page = contestar(&nadie, &path, &[("accion", "anular")]).await;
        assert!(page.status == 200 && html(&page).contains("se anuló"), "{}", html(&page));
    }
    assert_eq!(mundo.cita(&cita).await["estado"], "anulada");
    mundo.trabajar().await;
    assert_eq!(familia.asuntos()[1..], ["Se anuló la cita de Luna <b> del martes 3 de marzo de 2026"]);
    let page = contestar(&nadie, &path, &[("accion", "confirmar")]).await;
    assert!(html(&page).contains("ya no se puede") && !html(&page).contains("<button"), "{}", html(&page));
    assert_eq!(mundo.cita(&cita).await["estado"], "anulada");
}

#[tokio::test]
async fn who_asks_for_another_time_is_seen_at_the_desk_once_until_that_is_done() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let cita = mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let (path, nadie) = (enlace(&familia), mundo.huella.nadie());
    for texto in ["Mejor el jueves <b>por la tarde</b>", "¿Me oyen?"] {
        let page = contestar(&nadie, &path, &[("accion", "pedir_cambio"), ("texto", texto)]).await;
        assert!(page.status == 200 && html(&page).contains("Recibimos su pedido"), "{}", html(&page));
    }
    let url = format!("/citas/solicitudes?abierta=true&sede_id={}", mundo.lima);
    let waiting = mundo.recepcion().await.get(&url).await.ok()["items"].as_array().expect("a list").clone();
    assert_eq!((waiting.len(), waiting[0]["texto"].as_str()), (1, Some("Mejor el jueves <b>por la tarde</b>")));
    assert_eq!((&waiting[0]["cita_id"], waiting[0]["mascota"].as_str()), (&cita["id"], Some("Luna")));
    let events: i64 = mundo.huella.scalar("select count(*) from outbox where tema = 'cita.cambio_pedido'").await;
    assert_eq!(events, 1);
    // Another sede and another chain see nothing of it.
    let cusco = mundo.huella.como(RECEPCION_CUSCO).await;
    assert_eq!(cusco.get("/citas/solicitudes").await.ok()["items"], json!([]));
    cusco.get(&url).await.problem(403, "sin-permiso");
    let attend = format!("/citas/solicitudes/{}/atender", id(&waiting[0]));
    cusco.post(&attend, json!({})).await.problem(404, "no-encontrado");
    for _ in 0..2 {
        let done = mundo.recepcion().await.post(&attend, json!({})).await.ok();
        assert_eq!((done["atendida_en"].is_string(), done["version"].as_i64()), (true, Some(2)));
    }
    assert_eq!(mundo.recepcion().await.get(&url).await.ok()["items"], json!([]));
    contestar(&nadie, &path, &[("accion", "pedir_cambio"), ("texto", "")]).await;
    let again = mundo.recepcion().await.get(&url).await.ok();
    assert_eq!((again["items"].as_array().map(Vec::len), &again["items"][0]["texto"]), (Some(1), &Value::Null));
}

#[tokio::test]
async fn a_link_ends_with_its_appointment_goes_along_when_it_moves_and_not_with_the_pet() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let cita = mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let (path, nadie) = (enlace(&familia), mundo.huella.nadie());
    mundo.mover(&cita, "2026-03-04T09:00:00").await;
    mundo.huella.avanzar(SignedDuration::from_hours(40));
    let page = abrir(&nadie, &path).await;
    assert!(page.status == 200 && html(&page).contains("miércoles 4 de marzo de 2026, 9:00 a. m."), "{}", html(&page));
    // The pet goes to somebody else: the earlier owner learns nothing more of it.
    let link =
        mundo.huella.scalar::<String>(&format!("select id::text from tutores_mascotas where mascota_id = '{}'", familia.mascota)).await;
    mundo.huella.execute(&format!("update tutores_mascotas set hasta = desde where id = '{link}'")).await;
    assert_eq!(abrir(&nadie, &path).await.status, 404);
    mundo.huella.execute(&format!("update tutores_mascotas set hasta = null where id = '{link}'")).await;
    assert_eq!(abrir(&nadie, &path).await.status, 200);
    mundo.huella.avanzar(SignedDuration::from_hours(9));
    let page = abrir(&nadie, &path).await;
    assert!(page.status == 404 && html(&page).contains("ya no sirve"), "{}", html(&page));
    assert_eq!(contestar(&nadie, &path, &[("accion", "anular")]).await.status, 404);
    assert_eq!(mundo.cita(&cita).await["estado"], "programada");
}

#[tokio::test]
async fn a_link_that_is_not_one_opens_nothing_and_nobody_tries_for_long() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let cita = mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let (path, nadie) = (enlace(&familia), mundo.huella.nadie());
    let secret = path.rsplit('/').next().expect("a secret");
    let (andina, costera) = (
        mundo.huella.scalar::<uuid::Uuid>("select id from tenants where clave = 'andina'").await,
        mundo.huella.scalar::<uuid::Uuid>("select id from tenants where clave = 'costera'").await,
    );
    // The same secret in the name of another chain, one letter less, the id of the appointment, nothing.
    let (ours, body) = kernel::token::read("ha_", secret).expect("a link");
    assert_eq!((ours.0, body.len()), (andina, 32));
    let bytes = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, &secret[3..]).expect("base64");
    let forged = [costera.as_bytes().as_slice(), &bytes[16..]].concat();
    let forged = format!("ha_{}", base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, forged));
    for wrong in [forged.as_str(), &secret[..secret.len() - 2], &id(&cita), "ha_", "%00"] {
        let page = abrir(&nadie, &format!("/citas/respuestas/{wrong}")).await;
        assert_eq!(page.status, 404, "{wrong}: {}", html(&page));
    }
    let form = contestar(&nadie, &path, &[("accion", "borrar")]).await;
    form.problem(400, "solicitud-malformada");
    nadie.post(&path, json!({ "accion": "anular" })).await.problem(415, "tipo-de-contenido");
    // Nothing of it leads anywhere for somebody of another chain.
    let ajena = mundo.huella.como(costera::ADMIN).await;
    assert_eq!(ajena.get("/mensajes").await.ok()["items"], json!([]));
    let mut statuses = Vec::new();
    for _ in 0..70 {
        statuses.push(abrir(&nadie, "/citas/respuestas/ha_x").await.status.as_u16());
    }
    assert!(statuses[..50].iter().all(|status| *status == 404) && statuses[65..].iter().all(|status| *status == 429), "{statuses:?}");
    assert_eq!(abrir(&nadie, &path).await.status, 200, "who has a link is not kept from it");
    let mut answers = Vec::new();
    for _ in 0..25 {
        answers.push(contestar(&nadie, &path, &[("accion", "confirmar")]).await.status.as_u16());
    }
    assert!(answers[..20].iter().all(|status| *status == 200) && answers[20..].iter().all(|status| *status == 429), "{answers:?}");
}

/// Owner and desk at once: one of them is first, and the appointment is what that one made of it.
#[tokio::test]
async fn owner_and_desk_at_once_end_in_one_state() {
    let mundo = Mundo::start().await;
    for hour in 9..15 {
        let familia = mundo.familia(&format!("Luna {hour}")).await;
        let cita = mundo.reservar(&familia, &format!("2026-03-03T{hour:02}:30:00")).await;
        mundo.trabajar().await;
        let (path, nadie) = (enlace(&familia), mundo.huella.nadie());
        let (recepcion, arrived) = (mundo.recepcion().await, format!("/citas/{}/estado", id(&cita)));
        let (page, desk) =
            tokio::join!(contestar(&nadie, &path, &[("accion", "anular")]), recepcion.put(&arrived, json!({ "estado": "en_espera" })));
        let (text, estado) = (html(&page), mundo.cita(&cita).await["estado"].clone());
        if desk.status.is_success() {
            assert!(estado == "en_espera" && text.contains("ya no se puede"), "{estado} {text}");
        } else {
            assert!(estado == "anulada" && text.contains("se anuló"), "{estado} {text}");
        }
    }
}
