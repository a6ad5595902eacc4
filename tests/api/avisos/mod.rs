//! Messages over channels that are plugins, as far as the plugins: what leaves, what is told of it, what is answered.
mod canales;
mod detenidos;
mod escalera;
mod mostrador;
mod respuestas;

use alertas::canales::{Canal, CanalFallo, Canales, DeCanales, Entrega, EstadoEntrega, Novedad, Respuesta, Saliente};
use async_trait::async_trait;
use huella_tests::{
    Cliente, Huella, Modo,
    afuera::cartas,
    andina::{ADMIN, RECEPCION_LIMA},
};
use jiff::SignedDuration;
use kernel::{
    Problem,
    ids::{SedeId, TenantId},
};
use serde_json::{Value, json};
use server::trabajos::{self, worker};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use uuid::Uuid;

pub const WHATSAPP: &str = "pe.huella.whatsapp";
pub const SMS: &str = "pe.huella.sms";

/// What was handed over to a plugin.
#[derive(Debug, Clone)]
pub struct Enviado {
    pub complemento: String,
    pub clave: String,
    pub intento: u32,
    pub mensaje: Saliente,
}

/// Channels that do what a test says, and take everything else.
#[derive(Default)]
pub struct Guion {
    canales: Mutex<Vec<Canal>>,
    fallas: Mutex<VecDeque<(&'static str, CanalFallo)>>,
    enviados: Mutex<Vec<Enviado>>,
}

impl Guion {
    pub fn con(claves: &[&str]) -> Arc<Self> {
        let canal = |clave: &&str| Canal {
            complemento: format!("pe.huella.{clave}"),
            clave: (*clave).to_owned(),
            nombre: (*clave).to_owned(),
            sedes: None,
        };
        let guion = Self::default();
        *guion.canales.lock().expect("a lock") = claves.iter().map(canal).collect();
        Arc::new(guion)
    }
    /// The next message by this plugin fails so.
    pub fn falla(&self, complemento: &'static str, falla: CanalFallo) {
        self.fallas.lock().expect("a lock").push_back((complemento, falla));
    }
    pub fn enviados(&self) -> Vec<Enviado> {
        self.enviados.lock().expect("a lock").clone()
    }
    /// Of all sedes it is switched on in this one alone.
    pub fn solo_en(&self, complemento: &str, sede: &str) {
        let sede = SedeId(sede.parse().expect("an id"));
        let mut canales = self.canales.lock().expect("a lock");
        canales.iter_mut().filter(|canal| canal.complemento == complemento).for_each(|canal| canal.sedes = Some(vec![sede]));
    }
    /// It is switched off, or in quarantine.
    fn retirar(&self, complemento: &str) {
        self.canales.lock().expect("a lock").retain(|canal| canal.complemento != complemento);
    }
    fn por(&self, complemento: &str) -> Vec<Enviado> {
        self.enviados().into_iter().filter(|enviado| enviado.complemento == complemento).collect()
    }
}

#[async_trait]
impl Canales for Guion {
    async fn activos(&self, _: TenantId) -> Result<Vec<Canal>, Problem> {
        Ok(self.canales.lock().expect("a lock").clone())
    }
    async fn enviar(&self, _: TenantId, complemento: &str, clave: &str, intento: u32, mensaje: &Saliente) -> Result<String, CanalFallo> {
        let mut fallas = self.fallas.lock().expect("a lock");
        let mine = fallas.iter().position(|(whose, _)| *whose == complemento).and_then(|index| fallas.remove(index));
        let sent = Enviado { complemento: complemento.into(), clave: clave.into(), intento, mensaje: mensaje.clone() };
        self.enviados.lock().expect("a lock").push(sent);
        match mine {
            Some((_, falla)) => Err(falla),
            None => Ok(format!("ref-{clave}")),
        }
    }
}

pub fn rechazado(codigo: &str) -> CanalFallo {
    CanalFallo::Rechazado { codigo: Some(codigo.into()), detalle: "no".into() }
}

/// A chain that writes by WhatsApp, then by text message, then by e-mail.
struct Mundo {
    huella: Huella,
    guion: Arc<Guion>,
    lima: String,
    soto: String,
    consulta: String,
}

/// An owner that no other test writes to.
struct Familia {
    correo: String,
    telefono: String,
    tutor: String,
    mascota: String,
}

impl Familia {
    fn asuntos(&self) -> Vec<String> {
        cartas(&self.correo).into_iter().map(|carta| carta.subject).collect()
    }
}

impl Mundo {
    async fn start() -> Self {
        let guion = Guion::con(&["whatsapp", "sms"]);
        let modo = Modo { canales: Some(DeCanales(guion.clone())), ..Modo::default() };
        let huella = Huella::start_with(modo).await;
        huella.execute("delete from outbox").await;
        let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
        let lima = of("sedes", "codigo", "LIM").await;
        let (soto, consulta) = (of("usuarios", "cmvp", "11567").await, of("servicios", "codigo", "CONS").await);
        let mundo = Self { huella, guion, lima, soto, consulta };
        mundo.ajustar(json!({ "confirmaciones": true, "canales": ["whatsapp", "sms", "correo"] })).await;
        mundo
    }

    async fn admin(&self) -> Cliente {
        self.huella.como(ADMIN).await
    }
    async fn recepcion(&self) -> Cliente {
        self.huella.como(RECEPCION_LIMA).await
    }
    async fn ajustar(&self, ajustes: Value) {
        self.admin().await.put("/ajustes/correos", ajustes).await.ok();
    }

    /// Somebody who agreed to be reminded.
    async fn familia(&self, mascota: &str) -> Familia {
        let familia = self.desconocida(mascota).await;
        self.consiente(&familia, true, None).await;
        familia
    }

    /// Somebody who never said anything.
    async fn desconocida(&self, mascota: &str) -> Familia {
        let unique = Uuid::now_v7().as_u128();
        let correo = format!("a{unique:x}@tutores.example");
        let telefono = format!("+519{:08}", unique % 100_000_000);
        let tutor = json!({ "nombres": "Rosa", "apellidos": "Núñez", "correo": correo, "telefono": telefono });
        let body = json!({ "tutor": tutor, "mascota": { "nombre": mascota, "especie": "perro", "sexo": "hembra" } });
        let made = self.recepcion().await.post("/pacientes/registro?confirmar_duplicado=true", body).await.created();
        let of = |what: &str| huella_tests::id(&made[what]);
        Familia { correo, telefono, tutor: of("tutor"), mascota: of("mascota") }
    }

    /// Another pet of theirs.
    async fn otra_mascota(&self, familia: &Familia, nombre: &str) -> String {
        let body = json!({ "tutor_id": familia.tutor, "mascota": { "nombre": nombre, "especie": "gato", "sexo": "macho" } });
        let made = self.recepcion().await.post("/pacientes/registro?confirmar_duplicado=true", body).await.created();
        huella_tests::id(&made["mascota"])
    }

    async fn consiente(&self, familia: &Familia, otorgado: bool, medio: Option<&str>) {
        let mut body = json!({ "finalidad": "recordatorios", "otorgado": otorgado, "canal": "presencial", "texto_version": "1" });
        if let Some(medio) = medio {
            body["medio"] = json!(medio);
        }
        self.recepcion().await.post(&format!("/tutores/{}/consentimientos", familia.tutor), body).await.created();
    }

    /// A consultation in Lima with Dr. Soto, at a civil time of Lima.
    async fn reservar(&self, mascota: &str, inicio: &str) -> Value {
        let body = json!({ "sede_id": self.lima, "mascota_id": mascota, "servicio_id": self.consulta, "medico_id": self.soto, "inicio": format!("{inicio}-05:00") });
        self.recepcion().await.post("/citas/reservar", body).await.created()
    }
    async fn cita(&self, cita: &Value) -> Value {
        self.recepcion().await.get(&format!("/citas/{}", huella_tests::id(cita))).await.ok()
    }

    async fn trabajar(&self) {
        trabajar(&self.huella).await;
    }
    async fn pasan(&self, time: SignedDuration) {
        self.huella.avanzar(time);
        self.trabajar().await;
    }
    async fn mensajes(&self, filtro: &str) -> Vec<Value> {
        self.admin().await.get(&format!("/mensajes?{filtro}")).await.ok()["items"].as_array().expect("a list").clone()
    }
    async fn respuestas(&self, filtro: &str) -> Vec<Value> {
        self.admin().await.get(&format!("/mensajes/respuestas?{filtro}")).await.ok()["items"].as_array().expect("a list").clone()
    }

    /// What a webhook of a plugin says, once it was verified.
    async fn recibe(&self, complemento: &str, novedades: &[Novedad]) {
        let tenant: Uuid = self.huella.scalar("select id from tenants where clave = 'andina'").await;
        let mut tx = self.huella.parts.system().begin(TenantId(tenant)).await.expect("a transaction");
        alertas::recibir(&mut tx, complemento, novedades).await.expect("noted");
        tx.commit().await.expect("committed");
    }
    /// That, and what follows from it.
    async fn avisa(&self, complemento: &str, novedad: Novedad) {
        self.recibe(complemento, &[novedad]).await;
        self.trabajar().await;
    }
    fn entrega(&self, enviado: &Enviado, estado: EstadoEntrega) -> Novedad {
        let codigo = (estado == EstadoEntrega::Fallido).then(|| "131026".to_owned());
        let referencia = format!("ref-{}", enviado.clave);
        Novedad::Entrega(Entrega { referencia, clave: None, estado, codigo, en: self.huella.now() })
    }
    /// Hands the one message to its plugin, as a worker that is gone before it could say so.
    async fn manda_y_muere(&self) {
        let parts = &self.huella.parts;
        trabajos::relay(parts).await.expect("relayed");
        worker::work_once(parts).await.expect("looked");
        let lent = worker::lend(parts, 8).await.expect("lent");
        trabajos::tasks::perform(parts, &lent[0]).await.expect("sent");
        self.huella
            .execute("update mensajes set estado = 'pendiente'; update mensajes_envios set estado = 'saliendo', referencia = null")
            .await;
    }
    fn dice(&self, familia: &Familia, texto: &str) -> Novedad {
        self.escribe(&familia.telefono, texto, None)
    }
    fn pulsa(&self, familia: &Familia, boton: &str) -> Novedad {
        self.escribe(&familia.telefono, "Sí", Some(boton))
    }
    fn escribe(&self, de: &str, texto: &str, boton: Option<&str>) -> Novedad {
        Novedad::Respuesta(Respuesta {
            de: de.into(),
            texto: texto.into(),
            boton: boton.map(Into::into),
            referencia: None,
            en: self.huella.now(),
        })
    }
}

async fn trabajar(huella: &Huella) {
    trabajos::relay(&huella.parts).await.expect("relayed");
    while worker::work_once(&huella.parts).await.expect("worked").done > 0 {}
}

/// What a variable of a message carries.
fn variable<'a>(enviado: &'a Enviado, nombre: &str) -> &'a str {
    let found = enviado.mensaje.variables.iter().find(|(name, _)| name == nombre);
    &found.unwrap_or_else(|| panic!("no {nombre} in {enviado:?}")).1
}

fn luego() -> CanalFallo {
    CanalFallo::Luego(Some(Duration::from_secs(1)))
}
