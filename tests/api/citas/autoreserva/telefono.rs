//! A code to a phone: by the chain's channels, kept as safely as one by mail, and good for whoever has that phone.
use super::*;
use crate::avisos::{Guion, SMS, WHATSAPP, rechazado};
use alertas::{DeCanales, canales::CanalFallo};
use jiff::SignedDuration;
use server::trabajos::worker;
use std::sync::Arc;

/// A chain that reaches phones by these channels.
async fn con(canales: &[&str]) -> (Publico, Arc<Guion>) {
    con_oferta(canales, json!({})).await
}

/// And whose sede offers that.
pub async fn con_oferta(canales: &[&str], cambios: Value) -> (Publico, Arc<Guion>) {
    let guion = Guion::con(canales);
    let modo = Modo { canales: Some(DeCanales(guion.clone())), ..Modo::default() };
    (Publico::start_with(modo, cambios).await, guion)
}

impl Publico {
    pub async fn pedir_a(&self, telefono: &str) -> Respuesta {
        self.post("/codigos", json!({ "canal": "telefono", "telefono": telefono })).await
    }

    /// Does what is due, whatever fails.
    async fn despachar(&self) {
        while worker::work_once(&self.agenda.huella.parts).await.expect("worked").done > 0 {}
    }

    /// A session of whoever has this phone.
    async fn entrar_por(&self, guion: &Guion, telefono: &str) -> String {
        let asked = self.pedir_a(telefono).await.expect(202);
        self.despachar().await;
        let code = codigo(&guion.enviados().pop().expect("a message").mensaje.texto);
        self.verificar(&asked["solicitud"], &code).await.ok()["sesion"].as_str().expect("a session").to_owned()
    }

    /// A pet of somebody with this phone, registered by the desk.
    pub async fn de_telefono(&self, telefono: &str, mascota: &str) -> String {
        let recepcion = self.agenda.huella.como(RECEPCION_LIMA).await;
        let tutor = json!({ "nombres": "Rosa", "apellidos": "Quispe", "telefono": telefono });
        let body = json!({ "tutor": tutor, "mascota": { "nombre": mascota, "especie": "perro", "sexo": "hembra" } });
        id(&recepcion.post("/pacientes/registro?confirmar_duplicado=true", body).await.created()["mascota"])
    }
}

/// The six digits in a text.
pub fn codigo(texto: &str) -> String {
    let word = texto.split_whitespace().find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()));
    word.unwrap_or_else(|| panic!("no code in {texto}")).to_owned()
}

#[tokio::test]
async fn who_has_a_phone_that_the_chain_knows_books_for_their_pets_and_no_others() {
    let (publico, guion) = con(&["sms"]).await;
    let (luna, max) = (publico.de_telefono("987654321", "Luna").await, publico.de_telefono("911111111", "Max").await);
    assert_eq!(publico.nadie.get("/publico/andina").await.ok()["codigos_por"], json!(["correo", "telefono"]));
    let page = format!("//reservar/andina/{}?servicio={}&hora=2026-03-02T15:00:00Z", publico.agenda.lima, publico.agenda.consulta);
    assert!(texto(&publico.nadie.get(&page).await).contains("id=\"celular\""), "the page asks which one");
    let sesion = publico.entrar_por(&guion, "987 654 321").await;
    let sent = guion.enviados();
    assert_eq!((sent.len(), sent[0].complemento.as_str(), sent[0].mensaje.a.as_str()), (1, SMS, "+51987654321"));
    assert!(sent[0].mensaje.texto.contains("Andina") && sent[0].mensaje.texto.contains("diez minutos"), "{}", sent[0].mensaje.texto);
    let seen = publico.post("/sesion", json!({ "sesion": sesion })).await.ok();
    assert_eq!((&seen["conocido"], &seen["mascotas"]), (&json!(true), &json!([{ "id": luna, "nombre": "Luna", "especie": "perro" }])));
    publico.retener(&sesion, "2026-03-02T10:00:00").await.created();
    assert_eq!(publico.confirmar(&sesion, json!({ "mascota_id": max })).await.wrong_fields(), ["/mascota_id"]);
    let booked = publico.confirmar(&sesion, json!({ "mascota_id": luna })).await.created();
    assert_eq!(booked["estado"], "reservada");
    let cita: String = publico.agenda.huella.scalar("select mascota_id::text from citas").await;
    assert_eq!(cita, luna);
}

#[tokio::test]
async fn somebody_new_is_registered_with_the_phone_that_was_proved() {
    let (publico, guion) = con(&["sms"]).await;
    let sesion = publico.entrar_por(&guion, "999888777").await;
    assert_eq!(publico.post("/sesion", json!({ "sesion": sesion })).await.ok()["conocido"], json!(false));
    publico.retener(&sesion, "2026-03-02T10:00:00").await.created();
    let mut quien = Publico::nuevo("Nora", "Toby");
    quien["tutor"]["correo"] = json!(publico.correo("nora"));
    publico.confirmar(&sesion, quien).await.created();
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    let nora = &recepcion.get("/tutores?buscar=999888777").await.ok()["items"][0];
    assert_eq!((&nora["nombres"], &nora["telefono"], &nora["origen"]), (&json!("Nora"), &json!("+51999888777"), &json!("autoreserva")));
    assert_eq!(nora["correo"], json!(publico.correo("nora")));
    // The number that was only said, in `nuevo`, is nobody's.
    assert_eq!(recepcion.get("/tutores?buscar=987654321").await.ok()["items"], json!([]));
    let again = publico.entrar_por(&guion, "999888777").await;
    assert_eq!(publico.post("/sesion", json!({ "sesion": again })).await.ok()["mascotas"][0]["nombre"], "Toby");
}

#[tokio::test]
async fn codes_to_a_phone_are_counted_tried_and_kept_like_those_by_mail() {
    let (publico, guion) = con(&["sms"]).await;
    publico.de_telefono("987654321", "Luna").await;
    let (known, unknown) = (publico.pedir_a("987654321").await, publico.pedir_a("912345678").await);
    assert_eq!((known.status.as_u16(), known.bytes.len()), (202, unknown.bytes.len()));
    let read = async |sql: &str| publico.agenda.huella.scalar::<String>(sql).await;
    let queued = read("select string_agg(t::text, '') from trabajos t").await;
    assert!(queued.contains("codigo.enviar"), "{queued}");
    publico.despachar().await;
    let (kept, texto) =
        (read("select string_agg(s::text, '') from autoreserva_sesiones s").await, guion.enviados()[0].mensaje.texto.clone());
    let code = codigo(&texto);
    for secret in ["987654321", code.as_str()] {
        assert!(!kept.contains(secret) && !queued.contains(secret), "{secret} in {kept} {queued}");
    }
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(publico.verificar(&known.body["solicitud"], wrong).await.problem(422, "codigo-equivocado")["quedan"], left);
    }
    publico.verificar(&known.body["solicitud"], &code).await.problem(410, "codigo-vencido");
    // Five an hour, however the number is written.
    let asked = futures::future::join_all((0..6).map(|_| publico.pedir_a("+51 987-654-321"))).await;
    assert_eq!(asked.iter().filter(|answer| answer.status == 202).count(), 4);
    publico.pedir_a("987654321").await.problem(429, "demasiados-intentos");
    publico.agenda.huella.avanzar(SignedDuration::from_mins(61));
    publico.pedir_a("987654321").await.expect(202);
    for (telefono, body) in [("(01) 444-5566", "/telefono"), ("+1 202 555 0100", "/telefono")] {
        assert_eq!(publico.pedir_a(telefono).await.wrong_fields(), [body], "{telefono}");
    }
    let both = json!({ "canal": "telefono", "telefono": "987654321", "correo": "ana@ejemplo.pe" });
    assert_eq!(publico.post("/codigos", both).await.wrong_fields(), ["/correo"]);
}

#[tokio::test]
async fn what_one_channel_refuses_the_next_one_takes_and_nothing_leaves_twice_or_late() {
    let (publico, guion) = con(&["whatsapp", "sms"]).await;
    guion.falla(SMS, rechazado("1150"));
    publico.pedir_a("987654321").await.expect(202);
    publico.despachar().await;
    let sent = guion.enviados();
    assert_eq!(sent.iter().map(|one| one.complemento.as_str()).collect::<Vec<_>>(), [SMS, WHATSAPP]);
    assert_ne!(sent[0].clave, sent[1].clave, "a key for each channel");
    let last = &sent[1].mensaje;
    assert_eq!((last.plantilla.as_str(), &last.variables[0].1), ("codigo_verificacion", &codigo(&last.texto)));
    // Nobody knows whether it left: it is not sent again.
    guion.falla(SMS, CanalFallo::Incierto("cortada".into()));
    publico.pedir_a("987654321").await.expect(202);
    publico.despachar().await;
    assert_eq!(guion.enviados().len(), 3);
    // Nobody can at the moment: again in some seconds, with the same key.
    guion.falla(SMS, CanalFallo::Luego(None));
    guion.falla(WHATSAPP, CanalFallo::Luego(None));
    publico.pedir_a("987654321").await.expect(202);
    publico.despachar().await;
    publico.agenda.huella.avanzar(SignedDuration::from_secs(5));
    publico.despachar().await;
    let sent = guion.enviados();
    assert_eq!((sent.len(), sent[5].intento, &sent[5].clave), (6, 1, &sent[3].clave));
    // What comes too late does not go at all.
    guion.falla(SMS, CanalFallo::Luego(None));
    guion.falla(WHATSAPP, CanalFallo::Luego(None));
    publico.pedir_a("987654321").await.expect(202);
    publico.despachar().await;
    publico.agenda.huella.avanzar(SignedDuration::from_mins(10));
    publico.despachar().await;
    assert_eq!((guion.enviados().len(), publico.contar("select count(*) from trabajos where tipo = 'codigo.enviar'").await), (8, 0));
}
