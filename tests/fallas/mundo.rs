//! A server with the real engine, the platform that reviews, a chain that installs what it should not, and its neighbour.
use crate::{
    codigo::{check, component, manifest, package},
    huespedes::{DESPIERTA, tranquilo},
};
use huella_tests::{Cliente, Huella, Modo, Respuesta, andina, cliente::send, costera, id};
use jiff::SignedDuration;
use plugin_host::{Egress, Names};
use plugin_manifest::{SigningKey, sign};
use reqwest::Method;
use serde_json::{Value, json};
use server::{
    complementos::Ajustes,
    trabajos::{self, worker},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::task::JoinHandle;
use uuid::Uuid;

const PLATAFORMA: &str = "admin@plataforma.example.pe";
/// What the neighbour uses.
const VECINO: &str = "pe.prueba.vecino";

/// A plugin to be uploaded.
pub struct Pieza {
    pub id: String,
    pub bytes: Vec<u8>,
}

impl Pieza {
    /// `more` is laid over its manifest.
    pub fn new(world: &str, name: &str, module: &str, more: Value, schema: Option<Value>) -> Self {
        Self::of(&component(world, module), world, name, more, schema)
    }

    /// Of a component that is there.
    pub fn of(component: &[u8], world: &str, name: &str, more: Value, schema: Option<Value>) -> Self {
        let id = format!("pe.prueba.{name}");
        // The store is one for all tests, and knows versions by what is in them.
        let mut manifest = manifest(world, json!({ "id": id, "description": { "es": Uuid::now_v7() } }));
        if schema.is_some() {
            manifest["config"] = json!({ "schema": "config.schema.json" });
        }
        if let (Some(manifest), Value::Object(more)) = (manifest.as_object_mut(), more) {
            manifest.extend(more);
        }
        Self { bytes: package(component, manifest, schema), id }
    }

    /// One that behaves until it is configured.
    pub fn durmiente(world: &str, name: &str, module: &str, more: Value) -> Self {
        let schema = json!({ "type": "object", "additionalProperties": false, "properties": { "modo": { "type": "string" } } });
        Self::new(world, name, module, more, Some(schema))
    }
}

pub struct Mundo {
    pub huella: Huella,
    pub plataforma: Cliente,
    pub andina: Cliente,
    pub costera: Cliente,
    pub llave: SigningKey,
    hearing: JoinHandle<()>,
}

impl Drop for Mundo {
    fn drop(&mut self) {
        self.hearing.abort();
    }
}

/// Compiled code is kept in one store for all tests, so all of them seal it alike.
pub fn ajustes() -> Ajustes {
    Ajustes { sello: [9; 32].into(), ..Ajustes::ephemeral() }
}

impl Mundo {
    pub async fn start() -> Self {
        Self::with(ajustes()).await
    }

    /// With this machine in the place of one host of the internet.
    pub async fn online(host: &str, stand_in: SocketAddr) -> Self {
        let salida = Egress { loopback: true, stand_ins: [(host.to_owned(), stand_in)].into(), ..Egress::default() };
        Self::with(Ajustes { salida, ..ajustes() }).await
    }

    pub async fn naming(nombres: Arc<dyn Names>) -> Self {
        Self::with(Ajustes { nombres, ..ajustes() }).await
    }

    pub async fn with(ajustes: Ajustes) -> Self {
        Self::de(Modo { complementos: Some(ajustes), ..Modo::default() }).await
    }

    pub async fn de(modo: Modo) -> Self {
        let huella = Huella::start_with(modo).await;
        huella.execute("delete from outbox; delete from trabajos").await;
        huella.agregar_cadena("plataforma").await;
        let plataforma = huella.como(PLATAFORMA).await;
        let (andina, costera) = (huella.como(andina::ADMIN).await, huella.como(costera::ADMIN).await);
        let llave = SigningKey::generate().expect("a key");
        let editor = json!({ "clave": "prueba", "nombre": "Prueba", "contacto": "soporte@prueba.example.pe" });
        plataforma.post("/complementos/editores", editor).await.created();
        plataforma.post("/complementos/editores/prueba/claves", json!({ "clave": llave.public().to_string() })).await.created();
        let complementos = huella.parts.complementos.clone();
        let hearing = tokio::spawn(async move { complementos.watch().await });
        let mundo = Self { huella, plataforma, andina, costera, llave, hearing };
        let vecino = Pieza::new("notification", "vecino", &tranquilo(&check("", "(call $ok)")), json!({}), None);
        mundo.published(&vecino).await;
        mundo.installed(&mundo.costera, VECINO).await;
        mundo.vecino_responde().await;
        mundo
    }

    /// All that is due.
    pub async fn work(&self) {
        for _ in 0..3 {
            trabajos::relay(&self.huella.parts).await.expect("relayed");
            while worker::work_once(&self.huella.parts).await.expect("worked").done > 0 {}
        }
    }

    pub async fn upload(&self, bytes: Vec<u8>) -> Respuesta {
        let request = self.plataforma.request(Method::POST, "/complementos/versiones").header("content-type", "application/wasm");
        send(request.body(bytes)).await
    }

    /// What its examination says of it.
    pub async fn examined(&self, pieza: &Pieza) -> Value {
        let signed = sign(&pieza.bytes, &self.llave).expect("signed");
        let uploaded = self.upload(signed).await.expect(202);
        self.work().await;
        self.plataforma.get(&format!("/complementos/versiones/{}", uploaded["digest"].as_str().expect("a digest"))).await.ok()
    }

    /// Examined, and believed by a person who saw nothing wrong.
    pub async fn published(&self, pieza: &Pieza) -> String {
        let examined = self.examined(pieza).await;
        assert_eq!(examined["estado"], "en_revision", "{}: {examined:#}", pieza.id);
        let digest = examined["digest"].as_str().expect("a digest").to_owned();
        self.plataforma.post(&format!("/complementos/versiones/{digest}/aprobar"), json!({})).await.ok();
        digest
    }

    /// With everything that it asks for.
    pub async fn installed(&self, who: &Cliente, complemento: &str) {
        let shown = who.get(&format!("/complementos/{complemento}")).await.ok();
        let claves: Vec<&Value> = shown["permisos"].as_array().expect("a list").iter().map(|permiso| &permiso["clave"]).collect();
        let body = json!({ "version": shown["version"], "digest": shown["digest"], "consiente": claves });
        who.post(&format!("/complementos/{complemento}/instalar"), body).await.created();
    }

    pub async fn configured(&self, who: &Cliente, complemento: &str, config: &str) {
        let config: Value = serde_json::from_str(config).expect("a configuration");
        who.put(&format!("/complementos/{complemento}/configuracion"), json!({ "config": config })).await.ok();
    }

    pub async fn switched_on(&self, who: &Cliente, complemento: &str) {
        who.post(&format!("/complementos/{complemento}/habilitar"), json!({})).await.ok();
        self.huella.parts.complementos.forget();
        self.work().await;
    }

    /// Published, installed by the chain `andina` with the configuration that wakes it, and switched on.
    pub async fn awake(&self, pieza: &Pieza) {
        self.published(pieza).await;
        self.installed(&self.andina, &pieza.id).await;
        self.configured(&self.andina, &pieza.id, DESPIERTA).await;
        self.switched_on(&self.andina, &pieza.id).await;
    }

    /// The button «Probar».
    pub async fn probar(&self, who: &Cliente, complemento: &str) -> Value {
        who.post(&format!("/complementos/{complemento}/probar"), json!({})).await.ok()
    }

    /// The runs of a plugin in the chain's list, the last one first.
    pub async fn runs(&self, who: &Cliente, complemento: &str) -> Vec<Value> {
        while self.huella.parts.complementos.flush().await.expect("written") {}
        who.get(&format!("/complementos/corridas?complemento={complemento}")).await.ok()["items"].as_array().expect("a list").clone()
    }

    /// The last one, as the list has it and whole.
    pub async fn last_run(&self, who: &Cliente, complemento: &str) -> (Value, Value) {
        let listed = self.runs(who, complemento).await.first().cloned();
        self.whole(who, listed.unwrap_or_else(|| panic!("no run of {complemento}"))).await
    }

    pub async fn whole(&self, who: &Cliente, listed: Value) -> (Value, Value) {
        let whole = who.get(&format!("/complementos/corridas/{}", id(&listed))).await.ok();
        (listed, whole)
    }

    /// What the examination refused, in one line.
    pub fn faults(examined: &Value) -> String {
        let faults = examined["faltas"].as_array().into_iter().flatten();
        let all: Vec<String> =
            faults.map(|one| format!("{} {}", one["pointer"].as_str().unwrap_or(""), one["detail"].as_str().unwrap_or(""))).collect();
        all.join("; ")
    }

    /// The other chain's plugin does its work.
    pub async fn vecino_responde(&self) {
        let tried = self.probar(&self.costera, VECINO).await;
        assert_eq!(tried["ok"], true, "{tried}");
    }

    /// A pet of this chain, registered at the desk, which does not fail over a rule; its owner agrees to be written to.
    pub async fn mascota(&self, who: &Cliente, nombre: &str) -> String {
        let tutor = json!({ "nombres": "Rosa", "apellidos": "Núñez", "telefono": "+51987654321", "correo": "rosa@tutores.example" });
        let body = json!({ "tutor": tutor, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "hembra" } });
        let made = who.post("/pacientes/registro?confirmar_duplicado=true", body).await.created();
        let consent = json!({ "finalidad": "recordatorios", "otorgado": true, "canal": "presencial", "texto_version": "1" });
        who.post(&format!("/tutores/{}/consentimientos", id(&made["tutor"])), consent).await.created();
        id(&made["mascota"])
    }

    /// A consultation of this pet.
    pub async fn reservar(&self, mascota: &str) {
        let of = |table: &'static str, column: &'static str, value: &'static str| self.huella.id_of("andina", table, column, value);
        let (sede, medico, servicio) =
            (of("sedes", "codigo", "LIM").await, of("usuarios", "cmvp", "11567").await, of("servicios", "codigo", "CONS").await);
        let body = json!({ "sede_id": sede, "mascota_id": mascota, "servicio_id": servicio, "medico_id": medico, "inicio": "2026-03-03T15:30:00-05:00" });
        self.huella.como(andina::RECEPCION_LIMA).await.post("/citas/reservar", body).await.created();
    }

    /// An owner whose chain prefers a channel that fails is told by mail of what was booked.
    pub async fn avisa_por_correo(&self) {
        self.andina.put("/ajustes/correos", json!({ "confirmaciones": true, "canales": ["sms", "correo"] })).await.ok();
        let luna = self.mascota(&self.andina, "Luna").await;
        self.reservar(&luna).await;
        for _ in 0..4 {
            self.work().await;
            self.avanzar(60);
        }
        let messages = self.andina.get("/mensajes").await.ok();
        let sendings = messages["items"][0]["envios"].as_array().expect("a list");
        assert!(sendings.iter().any(|one| one["canal"] == "correo" && one["estado"] == "enviado"), "{messages:#}");
    }

    /// The provider of a plugin that fails is thanked, and what it said is kept until somebody understands it. The run of it.
    pub async fn guarda_lo_dicho(&self, complemento: &str, said: &'static str) -> (Value, Value) {
        let hooks = self.andina.get(&format!("/complementos/{complemento}/ganchos")).await.ok();
        let hook = hooks[0]["direccion"].as_str().expect("an address").replace("https://huella.example", "/");
        assert_eq!(send(self.huella.nadie().request(Method::POST, &hook).body(said)).await.status, 200);
        self.work().await;
        assert_eq!(self.huella.scalar::<i64>("select count(*) from complementos_mensajes").await, 1);
        self.last_run(&self.andina, complemento).await
    }

    /// A version that fails as it takes over: the one before stays. What the chain is told.
    pub async fn no_sube(&self, next: &Pieza) -> Value {
        let digest = self.published(next).await;
        let upgrade = json!({ "digest": digest, "consiente": [] });
        let path = format!("/complementos/{}", next.id);
        let refused = self.andina.post(&format!("{path}/actualizar"), upgrade).await.problem(409, "actualizacion-fallida");
        let shown = self.andina.get(&path).await.ok();
        assert_eq!(shown["instalacion"]["version"], "1.0.0", "{shown:#}");
        self.vecino_responde().await;
        refused
    }

    pub fn avanzar(&self, segundos: i64) {
        self.huella.avanzar(SignedDuration::from_secs(segundos));
    }
}
