//! Plugins: published by one chain, reviewed by the platform's, installed by others. The engine is a script; everything
//! else is real.
mod corridas;
mod editores;
mod en_vuelo;
mod estado;
mod ganchos;
mod instalar;
mod modulos;
mod operaciones;
mod publicar;
mod reales;
mod repetir;
mod retirar;
mod secretos;

use async_trait::async_trait;
use bytes::Bytes;
use complementos::{Activo, CorridaNueva, Examen, Hallazgo, Motor, Motores, Rechazo, ResultadoPrueba, Turno};
use huella_tests::{Cliente, Huella, Modo, Respuesta, andina, cliente::send, costera};
use kernel::{Problem, Tx, ids::TenantId};
use plugin_manifest::{Digest, Manifest, Package, SigningKey, World, identity, sign};
use reqwest::Method;
use serde_json::{Value, json};
use server::trabajos::worker;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use uuid::Uuid;

const PLATAFORMA: &str = "admin@plataforma.example.pe";
const TALLER: &str = "admin@taller.example.pe";
/// A plugin with one of everything.
const PAGOS: &str = "pe.taller.pagos";

/// The engine as a script: answers what it was told to, else that all is well, and notes what it was asked.
#[derive(Default)]
pub struct Guion {
    examenes: Mutex<VecDeque<Rechazo>>,
    respuestas: Mutex<VecDeque<ResultadoPrueba>>,
    oido: Mutex<Vec<String>>,
    /// Nobody else may wait.
    lleno: AtomicBool,
}

impl Guion {
    fn hear(&self, what: String) {
        self.oido.lock().expect("whole").push(what);
    }
    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.oido.lock().expect("whole"))
    }
    fn will_refuse(&self, rechazo: Rechazo) {
        self.examenes.lock().expect("whole").push_back(rechazo);
    }
    fn will_answer(&self, resultado: &str, detalle: &str) {
        let answer = ResultadoPrueba {
            ok: resultado == "ok",
            resultado: resultado.to_owned(),
            detalle: Some(detalle.to_owned()),
            corrida: Some(Uuid::now_v7()),
        };
        self.respuestas.lock().expect("whole").push_back(answer);
    }
    fn answer(&self) -> ResultadoPrueba {
        let well = || ResultadoPrueba { ok: true, resultado: "ok".into(), detalle: None, corrida: Some(Uuid::now_v7()) };
        self.respuestas.lock().expect("whole").pop_front().unwrap_or_else(well)
    }
}

#[async_trait]
impl Motor for Guion {
    async fn examinar(&self, componente: Bytes) -> Result<Examen, Rechazo> {
        if let Some(refused) = self.examenes.lock().expect("whole").pop_front() {
            return Err(refused);
        }
        let paquete = Package::read(&componente).expect("checked at the door");
        let hallazgos = vec![Hallazgo { parte: "conformidad".into(), detalle: "pide mucha memoria".into() }];
        Ok(Examen { digest: identity(&componente).expect("a component"), paquete, importa: vec!["http".into()], hallazgos, ms: 12 })
    }
    async fn turno(&self, _: TenantId) -> Option<Turno> {
        (!self.lleno.load(Ordering::Relaxed)).then(|| Turno::new(()))
    }
    async fn probar(&self, _: TenantId, complemento: &str) -> Result<ResultadoPrueba, Problem> {
        self.hear(format!("probar {complemento}"));
        Ok(self.answer())
    }
    async fn migrar(&self, _: TenantId, complemento: &str, desde: &str) -> Result<ResultadoPrueba, Problem> {
        self.hear(format!("migrar {complemento} desde {desde}"));
        Ok(self.answer())
    }
    async fn liberar(&self, _: TenantId, digest: Digest) {
        self.hear(format!("liberar {digest}"));
    }
    async fn retirar(&self, digest: Digest) {
        self.hear(format!("retirar {digest}"));
    }
    async fn restaurar(&self, digest: Digest) {
        self.hear(format!("restaurar {digest}"));
    }
}

/// Two chains that use plugins, one that publishes them, and the platform's.
struct Mundo {
    huella: Huella,
    guion: Arc<Guion>,
    llave: SigningKey,
    andina: Cliente,
    costera: Cliente,
    taller: Cliente,
    plataforma: Cliente,
}

impl Mundo {
    async fn start() -> Self {
        Self::start_with(Modo::default()).await
    }

    async fn start_with(modo: Modo) -> Self {
        let guion = Arc::new(Guion::default());
        let huella = Huella::start_with(Modo { motores: Some(Motores(guion.clone())), ..modo }).await;
        huella.agregar_cadena("plataforma").await;
        huella.agregar_cadena("taller").await;
        let (taller, plataforma) = (huella.como(TALLER).await, huella.como(PLATAFORMA).await);
        let (andina, costera) = (huella.como(andina::ADMIN).await, huella.como(costera::ADMIN).await);
        let llave = SigningKey::generate().expect("a key");
        let editor = json!({ "clave": "taller", "nombre": "Taller", "contacto": "soporte@taller.example.pe" });
        taller.post("/complementos/editores", editor).await.created();
        let key = json!({ "clave": llave.public().to_string(), "nota": "portátil" });
        taller.post("/complementos/editores/taller/claves", key).await.created();
        Self { huella, guion, llave, andina, costera, taller, plataforma }
    }

    async fn tenant(&self, clave: &str) -> TenantId {
        TenantId(self.huella.scalar(&format!("select id from tenants where clave = '{clave}'")).await)
    }
    async fn tx(&self, clave: &str) -> Tx {
        self.huella.parts.system().begin(self.tenant(clave).await).await.expect("a transaction")
    }
    async fn work(&self) {
        while worker::work_once(&self.huella.parts).await.expect("worked").done > 0 {}
    }
    fn signed(&self, bytes: &[u8]) -> Vec<u8> {
        sign(bytes, &self.llave).expect("signed")
    }
    async fn upload(&self, who: &Cliente, bytes: Vec<u8>) -> Respuesta {
        let request = who.request(Method::POST, "/complementos/versiones").header("content-type", "application/wasm");
        send(request.body(bytes)).await
    }
    /// Uploaded and examined, and waits for its review.
    async fn en_revision(&self, manifest: Value, schema: Option<Value>) -> String {
        let uploaded = self.upload(&self.taller, self.signed(&componente(manifest, schema))).await.expect(202);
        self.work().await;
        uploaded["digest"].as_str().expect("a digest").to_owned()
    }
    /// Signed by the platform.
    async fn aprobada(&self, manifest: Value, schema: Option<Value>) -> String {
        let digest = self.en_revision(manifest, schema).await;
        self.plataforma.post(&format!("/complementos/versiones/{digest}/aprobar"), json!({})).await.ok();
        digest
    }
    /// The plugin of one of everything, approved.
    async fn pagos(&self, version: &str) -> String {
        self.aprobada(pagos(version), Some(esquema())).await
    }
    /// Installed by a chain, which agrees to whatever it asks for.
    async fn instalar(&self, who: &Cliente, complemento: &str) -> Value {
        let shown = who.get(&format!("/complementos/{complemento}")).await.ok();
        let body = json!({ "version": shown["version"], "digest": shown["digest"], "consiente": claves(&shown["permisos"]) });
        who.post(&format!("/complementos/{complemento}/instalar"), body).await.created()
    }
    /// Installed, configured and switched on in the whole chain.
    async fn en_marcha(&self, who: &Cliente) {
        self.instalar(who, PAGOS).await;
        let config = json!({ "config": { "comercio": "341198210" }, "secretos": { "api_key": "s3cr3t0-visible-nunca" } });
        who.put(&format!("/complementos/{PAGOS}/configuracion"), config).await.ok();
        who.post(&format!("/complementos/{PAGOS}/habilitar"), json!({})).await.ok();
    }
    async fn activos(&self, clave: &str, mundo: World) -> Vec<Activo> {
        let mut tx = self.tx(clave).await;
        complementos::activos(&mut tx, mundo).await.expect("read")
    }
    async fn correr(&self, clave: &str, corridas: &[CorridaNueva]) {
        let mut tx = self.tx(clave).await;
        complementos::anotar_corridas(&mut tx, corridas).await.expect("noted");
        tx.commit().await.expect("committed");
    }
    fn corrida(&self, digest: &str, resultado: &str, cuarentena: bool) -> CorridaNueva {
        let id = Uuid::now_v7();
        CorridaNueva {
            id,
            complemento: PAGOS.into(),
            version: "1.0.0".into(),
            digest: digest.parse().expect("a digest"),
            mundo: World::Payment,
            operacion: "create".into(),
            intento: 1,
            sandbox: false,
            inicio: self.huella.now(),
            resultado: resultado.into(),
            detalle: Some("unreachable\0".into()),
            cuarentena,
            documento: json!({ "id": id, "tenant": "de-quien-es", "operacion": "create", "pedido": { "monto": 1.0, "nota": "a\u{0}b" }, "respuesta": null }),
        }
    }
}

pub fn claves(permisos: &Value) -> Vec<&str> {
    permisos.as_array().expect("a list").iter().map(|permiso| permiso["clave"].as_str().expect("a key")).collect()
}

/// The smallest component there is, with a manifest inside.
pub fn componente(manifest: Value, schema: Option<Value>) -> Vec<u8> {
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";
    let manifest = Manifest::from_json(manifest).unwrap_or_else(|faults| panic!("{faults:?}"));
    Package { manifest, config_schema: schema, config_ui: None }.write(EMPTY).expect("a component")
}

pub fn pagos(version: &str) -> Value {
    // The file store is one for all tests, and knows versions by what is in them.
    std::thread_local! { static PRUEBA: String = Uuid::now_v7().to_string(); }
    json!({
        "description": { "es": PRUEBA.with(Clone::clone) },
        "manifest": 1, "id": PAGOS, "version": version, "name": { "es": "Pagos Taller" }, "world": "huella:plugin/payment@0.1.0",
        "publisher": "taller", "license": "MIT",
        "http": [{ "host": "api.taller.pe", "methods": ["POST"], "reason": { "es": "Cobrar" } }],
        "permissions": { "state": { "quota": "1KiB", "reason": { "es": "Recordar la sesión" } } },
        "capabilities": { "methods": ["card"] },
        "config": { "schema": "config.schema.json" },
        "webhooks": [{ "name": "default", "handshake": "verify" }],
    })
}

pub fn esquema() -> Value {
    json!({
        "type": "object", "required": ["comercio", "api_key"], "additionalProperties": false,
        "properties": {
            "comercio": { "type": "string", "minLength": 3 },
            "cuotas": { "type": "integer", "minimum": 1 },
            "api_key": { "type": "string", "x-secret": "host" },
            "verify": { "type": "string", "x-secret": "host" },
            "firma": { "x-key-slot": "hmac" },
        },
    })
}
