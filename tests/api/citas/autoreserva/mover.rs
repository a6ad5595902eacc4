//! Owners move a booking of their own, by the rules of booking it.
use super::Publico;
use huella_tests::{Respuesta, afuera::cartas, andina::ADMIN, cliente::send};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

const ANTES: &str = "2026-03-03T10:00:00";

fn html(page: &Respuesta) -> String {
    String::from_utf8(page.bytes.clone()).expect("UTF-8")
}

/// A booking at ten on Tuesday: its link and its appointment.
async fn reserva(publico: &Publico, nombre: &str) -> (String, String) {
    reserva_a(publico, nombre, ANTES).await
}

async fn reserva_a(publico: &Publico, nombre: &str, inicio: &str) -> (String, String) {
    let sesion = publico.entrar(&publico.correo(nombre)).await;
    publico.retener(&sesion, inicio).await.created();
    let hecha = publico.confirmar(&sesion, Publico::nuevo("Ana", nombre)).await.created();
    let enlace = hecha["ruta"].as_str().and_then(|ruta| ruta.rsplit('/').next()).expect("a link").to_owned();
    let cita: String = publico
        .agenda
        .huella
        .scalar(&format!("select c.id::text from citas c join mascotas m on m.id = c.mascota_id where m.nombre = '{nombre}'"))
        .await;
    (enlace, cita)
}

async fn mueve(publico: &Publico, enlace: &str, inicio: &str) -> Respuesta {
    send(publico.nadie.request(Method::POST, &format!("/reservas/{enlace}/mover?inicio={inicio}"))).await
}

async fn cita(publico: &Publico, id: &str) -> Value {
    publico.agenda.huella.como(ADMIN).await.get(&format!("/citas/{id}")).await.ok()
}

/// Times that the page offers, as it would post them.
fn ofrece(page: &str) -> Vec<String> {
    page.split("mover?inicio=").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn another_free_time_of_the_page_is_taken_and_the_old_one_is_free() {
    let publico = Publico::start(json!({})).await;
    let (enlace, id) = reserva(&publico, "Toby").await;
    let before = cita(&publico, &id).await;
    let own = html(&publico.nadie.get(&format!("/reservas/{enlace}")).await);
    assert!(own.contains(&format!("href=\"{enlace}/mover\"")) && own.contains("Cambiar la hora"), "{own}");
    let page = publico.nadie.get(&format!("/reservas/{enlace}/mover")).await;
    assert_eq!(page.status, 200);
    let offered = ofrece(&html(&page));
    assert!(offered.len() == 24 && !offered.contains(&"2026-03-03T15:00:00Z".to_owned()), "{offered:?}");
    let more = html(&page).split("mover?desde=").nth(1).and_then(|rest| rest.split('"').next()).expect("more").to_owned();
    let next = ofrece(&html(&publico.nadie.get(&format!("/reservas/{enlace}/mover?desde={more}")).await));
    assert!(next[0] > offered[23], "{next:?} after {offered:?}");
    assert_eq!(cita(&publico, &id).await, before, "looking changes nothing");
    let moved = mueve(&publico, &enlace, "2026-03-03T21:00:00Z").await;
    assert!(moved.status == 200 && html(&moved).contains("4:00 p. m.") || html(&moved).contains("16:00"), "{}", html(&moved));
    let after = cita(&publico, &id).await;
    assert_eq!(
        (after["inicio"].as_str(), &after["medico_id"], &after["estado"]),
        (Some("2026-03-03T21:00:00Z"), &before["medico_id"], &before["estado"])
    );
    let free = publico.huecos("&desde=2026-03-03T14:59:00Z&limite=100").await;
    assert!(free.iter().any(|hueco| hueco["inicio"] == "2026-03-03T15:00:00Z"), "the old time is free");
    super::trabajar(&publico.agenda).await;
    let to = publico.correo("Toby");
    let letter = cartas(&to).into_iter().find(|one| one.subject.starts_with("Su cita cambió de hora")).expect("a letter");
    assert!(letter.text.contains(&enlace), "{}", letter.text);
    let audited = format!(
        "select count(*) from auditoria where entidad = 'cita' and entidad_id = '{id}' and accion = 'cambiar' and actor_tipo = 'anonimo'"
    );
    assert_eq!(publico.contar(&audited).await, 1);
}

#[tokio::test]
async fn what_cannot_be_booked_cannot_be_moved_to() {
    let publico = Publico::start(json!({ "antelacion_min": 120, "dias_max": 3, "medicos": [] })).await;
    let (enlace, id) = reserva(&publico, "Toby").await;
    // At eight in the morning of Monday: within the notice, at night, off the grid of the future, in the past, too far ahead.
    for inicio in ["2026-03-02T14:30:00Z", "2026-03-03T08:00:00Z", "2026-03-01T15:00:00Z", "2026-03-06T15:00:00Z", "2027-03-06T15:00:00Z"] {
        let answer = mueve(&publico, &enlace, inicio).await;
        assert_eq!(answer.status, 409, "{inicio}");
        assert!(html(&answer).contains("sigue como estaba"), "{inicio}");
    }
    assert_eq!(mueve(&publico, &enlace, "ayer").await.status, 422);
    assert_eq!(mueve(&publico, "hv_x", "2026-03-03T21:00:00Z").await.status, 404);
    assert_eq!(cita(&publico, &id).await["inicio"], "2026-03-03T15:00:00Z");
}

#[tokio::test]
async fn of_two_who_want_one_time_one_gets_it() {
    let publico = Publico::start(json!({})).await;
    let only = super::oferta(&publico.agenda, json!({ "medicos": [publico.agenda.soto] }));
    publico.agenda.huella.como(ADMIN).await.put(&format!("/sedes/{}/autoreserva", publico.agenda.lima), only).await.ok();
    let (una, otra) = (reserva_a(&publico, "Toby", ANTES).await, reserva_a(&publico, "Nube", "2026-03-03T11:00:00").await);
    let (a, b) = tokio::join!(mueve(&publico, &una.0, "2026-03-03T21:00:00Z"), mueve(&publico, &otra.0, "2026-03-03T21:00:00Z"));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let there = "select count(*) from citas where inicio = '2026-03-03T21:00:00Z' and activa";
    assert_eq!(publico.contar(there).await, 1);
}

#[tokio::test]
async fn not_at_the_last_minute_and_not_for_ever() {
    let publico = Publico::start(json!({})).await;
    let (enlace, id) = reserva(&publico, "Toby").await;
    for inicio in ["2026-03-03T16:00:00Z", "2026-03-03T17:00:00Z", "2026-03-03T21:00:00Z"] {
        assert_eq!(mueve(&publico, &enlace, inicio).await.status, 200, "{inicio}");
    }
    let fourth = mueve(&publico, &enlace, "2026-03-03T15:00:00Z").await;
    assert!(fourth.status == 409 && html(&fourth).contains("tres veces"), "{}", html(&fourth));
    assert!(!html(&publico.nadie.get(&format!("/reservas/{enlace}")).await).contains("Cambiar la hora"));
    publico.agenda.huella.execute("update autoreservas set mudanzas = 0").await;
    // Half an hour before it begins, where an hour's notice is asked for: who would lose it does not move it away.
    publico.agenda.huella.avanzar(SignedDuration::from_mins(31 * 60 + 30));
    let late = mueve(&publico, &enlace, "2026-03-04T15:00:00Z").await;
    assert!(late.status == 409 && html(&late).contains("Falta muy poco"), "{}", html(&late));
    assert_eq!(cita(&publico, &id).await["inicio"], "2026-03-03T21:00:00Z");
}

#[tokio::test]
async fn where_the_sede_decides_it_is_asked() {
    let publico = Publico::start(json!({})).await;
    let (enlace, _) = reserva(&publico, "Toby").await;
    let admin = publico.agenda.huella.como(ADMIN).await;
    for change in [json!({ "aprobar": true }), json!({ "servicios": [publico.agenda.eco] }), json!({ "activa": false })] {
        let sede = format!("/sedes/{}/autoreserva", publico.agenda.lima);
        admin.put(&sede, super::oferta(&publico.agenda, change.clone())).await.ok();
        let answer = mueve(&publico, &enlace, "2026-03-03T21:00:00Z").await;
        assert!(answer.status == 409 && html(&answer).contains("llame a la sede"), "{change}: {}", html(&answer));
        assert_eq!(publico.nadie.get(&format!("/reservas/{enlace}/mover")).await.status, 409, "{change}");
    }
    publico.nadie.post(&format!("/reservas/{enlace}/anular"), json!({})).await;
    let gone = mueve(&publico, &enlace, "2026-03-03T21:00:00Z").await;
    assert!(gone.status == 409 && html(&gone).contains("ya no se puede cambiar"), "{}", html(&gone));
}
