//! Medical alerts: rules are asked when a pet changes and every night, and what they say is kept, dismissed and rehearsed.
mod cambio;
mod descartar;
mod detenidas;
mod ensayos;
mod guion;
mod noche;
mod vida;

pub use guion::{Guion, RABIA};
use huella_tests::{
    Cliente, Huella, Modo,
    andina::{ADMIN, DR_SOTO, RECEPCION_LIMA},
    id,
};
use jiff::{SignedDuration, Timestamp};
use kernel::ids::TenantId;
use serde_json::{Value, json};
use server::trabajos::{self, worker};

/// A chain with one rule of rabies.
struct Mundo {
    huella: Huella,
    guion: Guion,
}

impl Mundo {
    async fn start() -> Self {
        Self::con(Guion::con_rabia()).await
    }

    async fn con(guion: Guion) -> Self {
        let huella = Huella::start_with(Modo { reglas: Some(guion.de()), ..Modo::default() }).await;
        huella.execute("delete from outbox; delete from trabajos").await;
        Self { huella, guion }
    }

    /// Signed in just now: the clock goes on by days.
    async fn soto(&self) -> Cliente {
        self.huella.como(DR_SOTO).await
    }
    async fn admin(&self) -> Cliente {
        self.huella.como(ADMIN).await
    }

    async fn mascota(&self, nombre: &str, especie: &str) -> String {
        let body = json!({ "tutor": { "nombres": "Ana", "apellidos": "Poma" }, "mascota": { "nombre": nombre, "especie": especie, "sexo": "hembra" } });
        let recepcion = self.huella.como(RECEPCION_LIMA).await;
        id(&recepcion.post("/pacientes/registro?confirmar_duplicado=true", body).await.created()["mascota"])
    }

    async fn vacunar(&self, mascota: &str, fecha: &str) -> String {
        let vacuna = self.huella.id_of("andina", "vacunas", "clave", "antirrabica").await;
        let shot = json!({ "vacuna_id": vacuna, "fecha": fecha });
        id(&self.soto().await.post(&format!("/pacientes/{mascota}/vacunaciones"), shot).await.created())
    }

    /// Everything that is due is done, on this server.
    async fn trabajar(&self) {
        loop {
            let relayed = trabajos::relay(&self.huella.parts).await.expect("relayed").sent;
            let worked = worker::work_once(&self.huella.parts).await.expect("worked").done;
            if relayed + worked == 0 {
                return;
            }
        }
    }

    /// The next night comes and goes.
    async fn noche(&self) {
        alertas::programar_noches(&self.huella.parts.system()).await.expect("planned");
        self.trabajar().await;
        let due: Option<Timestamp> = self.proxima().await;
        let wait = due.expect("a night").duration_since(self.huella.now());
        self.huella.avanzar(wait + SignedDuration::from_secs(1));
        alertas::programar_noches(&self.huella.parts.system()).await.expect("planned");
        self.trabajar().await;
    }

    async fn proxima(&self) -> Option<Timestamp> {
        let text: Option<String> = self
            .huella
            .scalar("select to_char(proxima at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from alertas_noches where tenant_id = (select id from tenants where clave = 'andina')")
            .await;
        text.map(|text| text.parse().expect("a time"))
    }

    /// A walk, whatever the rules.
    async fn recorrer(&self) {
        self.pedir_pasada().await;
        self.trabajar().await;
    }

    async fn pedir_pasada(&self) {
        let body = format!("{{\"motivo\": \"datos\", \"pedida_en\": \"{}\"}}", self.huella.now());
        self.huella
            .execute(&format!(
                "insert into trabajos (tenant_id, id, tipo, cuerpo, proximo_en, creado_en)
                 select id, gen_random_uuid(), '{}', '{body}', '{now}', '{now}' from tenants where clave = 'andina'",
                alertas::RECORRER_REGLAS,
                now = self.huella.now()
            ))
            .await;
    }

    async fn de(&self, mascota: &str) -> Value {
        self.soto().await.get(&format!("/pacientes/{mascota}/alertas?cerradas=true")).await.ok()
    }

    /// Titles of a pet's open alerts.
    async fn abiertas(&self, mascota: &str) -> Vec<String> {
        let all = self.soto().await.get(&format!("/pacientes/{mascota}/alertas")).await.ok();
        all["alertas"].as_array().expect("a list").iter().map(|one| one["titulo"].as_str().expect("a title").to_owned()).collect()
    }

    /// How and in what order a pet's alerts were closed, the last one first.
    async fn cierres(&self, mascota: &str) -> Vec<String> {
        let all = self.de(mascota).await;
        let reasons = all["alertas"].as_array().expect("a list").iter().filter_map(|one| one["cerrada_motivo"].as_str());
        reasons.map(str::to_owned).collect()
    }

    async fn estado(&self) -> Value {
        self.soto().await.get("/alertas/estado").await.ok()
    }

    /// Names of the rules that are known not to run.
    async fn detenidas(&self) -> Vec<String> {
        let estado = self.estado().await;
        let all = estado["reglas_que_no_corrieron"].as_array().expect("a list").iter();
        all.map(|one| format!("{} {}", one["complemento"].as_str().expect("a name"), one["resultado"].as_str().expect("a result")))
            .collect()
    }

    async fn tenant(&self) -> TenantId {
        TenantId(self.huella.scalar("select id from tenants where clave = 'andina'").await)
    }

    /// Pets without owners, straight into the table: many at once.
    async fn muchas(&self, cuantas: usize) {
        self.huella
            .execute(&format!(
                "insert into mascotas (tenant_id, id, nombre, especie_id, sexo, sedes, creado_en, actualizado_en)
                 select t.id, gen_random_uuid(), 'Muchas ' || n, e.id, 'hembra', '{{}}', '{now}', '{now}'
                   from tenants t join especies e on e.tenant_id = t.id and e.clave = 'perro', generate_series(1, {cuantas}) n where t.clave = 'andina'",
                now = self.huella.now()
            ))
            .await;
    }
}

/// What an event of the outbox says, by its name.
async fn sucesos(huella: &Huella, tema: &str) -> i64 {
    huella.scalar(&format!("select count(*) from eventos where tema = '{tema}'")).await
}
