//! The plugins of the house on the real engine: uploaded, examined, reviewed and installed over HTTP; rules speak of a pet,
//! and a message leaves by WhatsApp, is delivered, and is answered.
use super::{PLATAFORMA, claves};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use huella_tests::{
    Cliente, Huella, Modo,
    andina::{ADMIN, RECEPCION_LIMA},
    cliente::send,
    id,
};
use jiff::SignedDuration;
use plugin_host::Egress;
use plugin_manifest::{SigningKey, sign};
use reqwest::Method;
use serde_json::{Value, json};
use server::{
    complementos::Ajustes,
    trabajos::{self, worker},
};
use simuladores::{Falla, Simulador, whatsapp};
use std::{net::SocketAddr, path::PathBuf, time::Duration};

pub const VACUNAS: &str = "pe.huella.vacunas";
pub const WHATSAPP: &str = "pe.huella.whatsapp";

/// Compiled code is kept in one store for all tests, so all of them seal it alike.
fn ajustes(stand_ins: &[(&str, SocketAddr)]) -> Ajustes {
    let stand_ins = stand_ins.iter().map(|(host, address)| ((*host).to_owned(), *address)).collect();
    Ajustes { sello: [9; 32].into(), salida: Egress { loopback: true, stand_ins, ..Egress::default() }, ..Ajustes::ephemeral() }
}

/// Where `cargo xtask plugins` puts a plugin.
pub fn archivo(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../plugins/dist").join(format!("{name}.wasm"))
}

pub fn componente(name: &str) -> Vec<u8> {
    let path = archivo(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; cargo xtask plugins", path.display()))
}

pub struct Mundo {
    pub huella: Huella,
    pub plataforma: Cliente,
    pub andina: Cliente,
    llave: SigningKey,
}

impl Mundo {
    pub async fn start(stand_ins: &[(&str, SocketAddr)]) -> Self {
        let huella = Huella::start_with(Modo { complementos: Some(ajustes(stand_ins)), ..Modo::default() }).await;
        huella.execute("delete from outbox").await;
        huella.agregar_cadena("plataforma").await;
        let (plataforma, andina) = (huella.como(PLATAFORMA).await, huella.como(ADMIN).await);
        let llave = SigningKey::generate().expect("a key");
        let editor = json!({ "clave": "huella", "nombre": "Huella", "contacto": "soporte@huella.example.pe" });
        plataforma.post("/complementos/editores", editor).await.created();
        plataforma.post("/complementos/editores/huella/claves", json!({ "clave": llave.public().to_string() })).await.created();
        Self { huella, plataforma, andina, llave }
    }

    pub async fn work(&self) {
        for _ in 0..3 {
            trabajos::relay(&self.huella.parts).await.expect("relayed");
            while worker::work_once(&self.huella.parts).await.expect("worked").done > 0 {}
        }
    }

    /// What `cargo xtask plugins` made, published and signed.
    pub async fn published(&self, name: &str) -> String {
        self.released(&componente(name)).await
    }

    /// Examined with nothing to say against it, and approved.
    pub async fn released(&self, bytes: &[u8]) -> String {
        let signed = sign(bytes, &self.llave).expect("signed");
        let request = self.plataforma.request(Method::POST, "/complementos/versiones").header("content-type", "application/wasm");
        let uploaded = send(request.body(signed)).await.expect(202);
        self.work().await;
        let digest = uploaded["digest"].as_str().expect("a digest").to_owned();
        let examined = self.plataforma.get(&format!("/complementos/versiones/{digest}")).await.ok();
        assert_eq!(examined["estado"], "en_revision", "{examined}");
        let found = examined["hallazgos"].as_array().expect("a list").iter();
        let said: Vec<&str> = found.filter(|one| one["parte"] == "conformidad").filter_map(|one| one["detalle"].as_str()).collect();
        let [all] = said[..] else { panic!("{said:?}: ours bear all") };
        let counts: Vec<usize> = all.split(' ').filter_map(|word| word.parse().ok()).collect();
        assert!(counts.len() == 2 && counts[0] == counts[1] && counts[0] >= 12, "{all}");
        self.plataforma.post(&format!("/complementos/versiones/{digest}/aprobar"), json!({})).await.ok();
        digest
    }

    pub async fn installed(&self, complemento: &str) {
        let shown = self.andina.get(&format!("/complementos/{complemento}")).await.ok();
        let body = json!({ "version": shown["version"], "digest": shown["digest"], "consiente": claves(&shown["permisos"]) });
        self.andina.post(&format!("/complementos/{complemento}/instalar"), body).await.created();
    }

    pub async fn switched_on(&self, complemento: &str) {
        let tried = self.andina.post(&format!("/complementos/{complemento}/probar"), json!({})).await.ok();
        assert_eq!(tried["ok"], true, "{tried}");
        self.andina.post(&format!("/complementos/{complemento}/habilitar"), json!({})).await.ok();
        self.work().await;
    }

    pub async fn runs(&self, filtro: &str) -> Vec<Value> {
        self.huella.parts.complementos.flush().await.expect("written");
        self.andina.get(&format!("/complementos/corridas?{filtro}")).await.ok()["items"].as_array().expect("a list").clone()
    }

    /// Owner and pet.
    pub async fn familia(&self, telefono: &str) -> (String, String) {
        let desk = self.huella.como(RECEPCION_LIMA).await;
        let tutor = json!({ "nombres": "Rosa", "apellidos": "Núñez", "telefono": telefono, "correo": "rosa@tutores.example" });
        let mascota = json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra", "nacimiento": "2024-01-10" });
        let made = desk.post("/pacientes/registro?confirmar_duplicado=true", json!({ "tutor": tutor, "mascota": mascota })).await.created();
        let consent = json!({ "finalidad": "recordatorios", "otorgado": true, "canal": "presencial", "texto_version": "1" });
        desk.post(&format!("/tutores/{}/consentimientos", id(&made["tutor"])), consent).await.created();
        (id(&made["tutor"]), id(&made["mascota"]))
    }

    pub async fn alerts(&self, mascota: &str) -> Vec<Value> {
        self.andina.get(&format!("/pacientes/{mascota}/alertas")).await.ok()["alertas"].as_array().expect("a list").clone()
    }
}

#[tokio::test]
async fn a_rule_of_the_house_is_published_installed_and_speaks_of_a_pet_until_it_is_withdrawn() {
    let mundo = Mundo::start(&[]).await;
    let digest = mundo.published("vacunas").await;
    mundo.installed(VACUNAS).await;
    mundo.switched_on(VACUNAS).await;
    let (_, luna) = mundo.familia("+51987654321").await;
    mundo.work().await;
    let said = mundo.alerts(&luna).await;
    let rabies = said.iter().find(|alert| alert["regla"] == "vacunas.rabia").unwrap_or_else(|| panic!("no rabies in {said:?}"));
    assert_eq!((&rabies["complemento"], &rabies["version"]), (&json!(VACUNAS), &json!("0.1.0")));
    assert!(rabies["detalle"].as_str().is_some_and(|why| !why.is_empty()) && rabies["vence"].is_string(), "{rabies}");
    let runs = mundo.runs("operacion=evaluate").await;
    let one = mundo.andina.get(&format!("/complementos/corridas/{}", id(&runs[0]))).await.ok();
    assert!(one["documento"]["uso"]["combustible"].as_f64().is_some_and(|share| share > 0.0 && share < 100.0), "{one}");

    rehearsed(&mundo, &luna).await;

    // The kill switch: nothing of it runs, and the chain is told what is missing.
    mundo.plataforma.post(&format!("/complementos/versiones/{digest}/retirar"), json!({ "motivo": "Falla con gatos" })).await.ok();
    mundo.huella.parts.complementos.forget();
    let before = mundo.runs("operacion=evaluate").await.len();
    let weight = json!({ "kg": 8.4 });
    mundo.huella.como(RECEPCION_LIMA).await.post(&format!("/pacientes/{luna}/pesos"), weight).await.created();
    mundo.work().await;
    assert_eq!(mundo.runs("operacion=evaluate").await.len(), before);
    let banner = mundo.andina.get("/alertas/estado").await.ok();
    assert_eq!(banner["reglas_que_no_corrieron"][0]["complemento"], VACUNAS, "{banner}");
}

/// The rule itself, rehearsed: with what it has nothing is different, without an antigen its alert goes, with one more an owner
/// would hear of it on the day of the chain's own steps.
async fn rehearsed(mundo: &Mundo, luna: &str) {
    let cachorro = {
        let desk = mundo.huella.como(RECEPCION_LIMA).await;
        let tutor = json!({ "nombres": "Elsa", "apellidos": "Paz", "telefono": "+51987654322", "correo": "elsa@tutores.example" });
        let mascota = json!({ "nombre": "Nube", "especie": "perro", "sexo": "hembra", "nacimiento": "2026-01-20" });
        let made = desk.post("/pacientes/registro?confirmar_duplicado=true", json!({ "tutor": tutor, "mascota": mascota })).await.created();
        id(&made["mascota"])
    };
    mundo.work().await;
    let differs = async |configuracion: Value| {
        let begun =
            mundo.andina.post("/alertas/ensayos", json!({ "complemento": VACUNAS, "configuracion": configuracion })).await.expect(202);
        mundo.work().await;
        let path = format!("/alertas/ensayos/{}", id(&begun));
        assert_eq!(mundo.andina.get(&path).await.ok()["estado"], "terminado");
        mundo.andina.get(&format!("{path}/cambios")).await.ok()["items"].as_array().expect("a list").clone()
    };
    let of = |all: &[Value], pet: &str| {
        let mine = all.iter().filter(|one| one["mascota_id"] == pet);
        mine.map(|one| (one["regla"].clone(), one["cambio"].clone(), one["aviso_el"].clone())).collect::<Vec<_>>()
    };
    let same = differs(json!({})).await;
    assert!(of(&same, luna).is_empty() && of(&same, &cachorro).is_empty(), "{same:?}");
    let less = differs(json!({ "sin": ["rabia"] })).await;
    assert_eq!(of(&less, luna), [(json!("vacunas.rabia"), json!("desaparece"), Value::Null)]);
    // Due on 2026-03-17, at eight weeks: two days before, by the steps of this chain.
    let steps = json!({ "activo": false, "pasos": [-2, 20] });
    mundo.andina.put("/ajustes/recordatorios", steps).await.ok();
    let more = differs(json!({ "con_optativas": true })).await;
    assert_eq!(of(&more, &cachorro), [(json!("vacunas.bordetella"), json!("nueva"), json!("2026-03-15"))]);
}

/// A chain that writes by WhatsApp, and who stands for it.
pub async fn by_whatsapp(canales: &[&str]) -> (Mundo, Simulador) {
    let address: SocketAddr = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
    let mundo = Mundo::start(&[("graph.facebook.com", address)]).await;
    mundo.published("whatsapp").await;
    mundo.installed(WHATSAPP).await;
    let hook = mundo.andina.get(&format!("/complementos/{WHATSAPP}/ganchos")).await.ok();
    let path = hook[0]["direccion"].as_str().and_then(|url| url.split_once("/hooks/")).expect("an address").1.to_owned();
    let plantillas = [(("cita_reservada".to_owned(), "es".to_owned()), whatsapp::Aprobada { variables: 4, botones: 2 })].into();
    let cuenta = whatsapp::Cuenta { plantillas, webhook: Some(format!("{}/hooks/{path}", mundo.huella.base)), ..Default::default() };
    let config = json!({ "config": { "numero_id": cuenta.numero_id }, "secretos": { "token": cuenta.token } });
    mundo.andina.put(&format!("/complementos/{WHATSAPP}/configuracion"), config).await.ok();
    let key = json!({ "contenido": B64.encode(&cuenta.secreto) });
    mundo.andina.put(&format!("/complementos/{WHATSAPP}/claves/app"), key).await.ok();
    let provider = whatsapp::servir(address.port(), cuenta).await.expect("a provider");
    mundo.switched_on(WHATSAPP).await;
    let settings = json!({ "confirmaciones": true, "canales": canales });
    mundo.andina.put("/ajustes/correos", settings).await.ok();
    (mundo, provider)
}

/// A booking in Lima on the third of March, as the desk makes it.
pub async fn reservar(mundo: &Mundo, mascota: &str, hora: &str) -> Value {
    let of = |table: &'static str, column: &'static str, value: &'static str| mundo.huella.id_of("andina", table, column, value);
    let (sede, medico, servicio) =
        (of("sedes", "codigo", "LIM").await, of("usuarios", "cmvp", "11567").await, of("servicios", "codigo", "CONS").await);
    let body = json!({ "sede_id": sede, "mascota_id": mascota, "servicio_id": servicio, "medico_id": medico, "inicio": format!("2026-03-03T{hora}:00-05:00") });
    mundo.huella.como(RECEPCION_LIMA).await.post("/citas/reservar", body).await.created()
}

#[tokio::test]
async fn an_appointment_is_told_by_whatsapp_delivered_read_and_confirmed_with_a_button() {
    let (mundo, provider) = by_whatsapp(&["whatsapp", "correo"]).await;
    let (rosa, luna) = mundo.familia("+51987654321").await;
    let desk = mundo.huella.como(RECEPCION_LIMA).await;
    let cita = reservar(&mundo, &luna, "15:30").await;
    mundo.work().await;
    let asked = provider.guion().recibidos();
    let bodies: Vec<Value> = asked.iter().filter_map(|one| serde_json::from_str(&one.cuerpo).ok()).collect();
    let sent = bodies.iter().find(|body| body["type"] == "template").unwrap_or_else(|| panic!("nothing left: {asked:?}"));
    assert_eq!((sent["to"].as_str(), sent["template"]["name"].as_str()), (Some("51987654321"), Some("cita_reservada")));
    let button = sent["template"]["components"].as_array().into_iter().flatten().find(|part| part["type"] == "button");
    let payload = button.and_then(|part| part["parameters"][0]["payload"].as_str()).expect("a button").to_owned();

    // Its provider tells what became of it, and what the owner pressed.
    provider.escribir(&simuladores::Entrante {
        de: "51987654321".into(),
        texto: "Confirmar".into(),
        boton: Some(payload),
        ..Default::default()
    });
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        mundo.huella.avanzar(SignedDuration::from_millis(100));
        mundo.work().await;
        if desk.get(&format!("/citas/{}", id(&cita))).await.ok()["estado"] == "confirmada" {
            break;
        }
    }
    assert_eq!(desk.get(&format!("/citas/{}", id(&cita))).await.ok()["estado"], "confirmada");
    let listed = mundo.andina.get(&format!("/mensajes?tutor_id={rosa}")).await.ok();
    let sending = &listed["items"][0]["envios"][0];
    assert_eq!((&sending["canal"], &sending["entrega"]), (&json!("whatsapp"), &json!("leido")), "{listed}");
    let told = mundo.runs("operacion=handle_webhook&resultado=ok").await;
    assert!(!told.is_empty());
}

#[tokio::test]
async fn a_provider_says_when_to_come_back_and_what_waited_for_a_channel_that_was_switched_off_is_at_the_desk() {
    let (mundo, provider) = by_whatsapp(&["whatsapp"]).await;
    let (_, luna) = mundo.familia("+51987654321").await;
    let posts = || provider.guion().recibidos().iter().filter(|one| one.metodo == "POST").count();
    let later = async |seconds: i64| {
        mundo.huella.avanzar(SignedDuration::from_secs(seconds));
        mundo.work().await;
        posts()
    };
    provider.guion().fallar([Falla::Limite { segundos: 90 }]);
    reservar(&mundo, &luna, "15:30").await;
    assert_eq!((later(0).await, later(60).await, later(60).await), (1, 1, 2), "after ninety seconds, and not before");

    provider.guion().fallar([Falla::Limite { segundos: 90 }]);
    reservar(&mundo, &luna, "17:00").await;
    assert_eq!(later(0).await, 3);
    let plugin = format!("/complementos/{WHATSAPP}");
    mundo.andina.post(&format!("{plugin}/deshabilitar"), json!({})).await.ok();
    mundo.huella.parts.complementos.forget();
    assert_eq!(later(120).await, 3);
    let failed = mundo.andina.get("/mensajes?estado=fallido").await.ok()["items"].as_array().expect("a list").clone();
    assert_eq!((failed.len(), &failed[0]["error"]), (1, &json!("el canal no está activo")), "{failed:?}");

    mundo.andina.post(&format!("{plugin}/habilitar"), json!({})).await.ok();
    mundo.huella.parts.complementos.forget();
    let desk = mundo.huella.como(RECEPCION_LIMA).await;
    desk.post(&format!("/mensajes/{}/reenviar", id(&failed[0])), json!({})).await.ok();
    assert_eq!(later(1).await, 4);
}
