//! A plugin is changed while one of its calls waits for its provider: that one ends as it began, the next is the other's.
use super::reales::{Mundo, WHATSAPP, by_whatsapp, componente, reservar};
use plugin_manifest::Package;
use serde_json::{Value, json};
use server::trabajos::{self, worker};
use simuladores::{Falla, Simulador};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How long the provider keeps a call waiting: an upgrade takes a fraction of it.
const LENTA: u64 = 6_000;

/// The same plugin under another number and with other code: what is said in its code is another text of the same length.
pub fn otra_version(component: &[u8], version: &str, (antes, despues): (&str, &str)) -> Vec<u8> {
    assert_eq!(antes.len(), despues.len());
    let mut package = Package::read(component).expect("a plugin");
    version.clone_into(&mut package.manifest.version);
    let at = component.windows(antes.len()).position(|part| part == antes.as_bytes());
    let at = at.unwrap_or_else(|| panic!("its code does not say «{antes}»"));
    let mut other = component.to_vec();
    other[at..at + despues.len()].copy_from_slice(despues.as_bytes());
    package.write(&other).expect("a plugin")
}

struct Vuelo {
    mundo: Mundo,
    provider: Simulador,
    mascota: String,
}

impl Vuelo {
    /// A booking is made, and its message leaves: by which version of the provider's API, which is what the code says.
    async fn escribe(&self, hora: &str) -> String {
        reservar(&self.mundo, &self.mascota, hora).await;
        self.mundo.work().await;
        self.rutas().pop().expect("it left")
    }

    /// The same, and the provider has it and does not answer yet.
    async fn espera(&self, hora: &str) -> JoinHandle<()> {
        let before = self.rutas().len();
        self.provider.guion().fallar([Falla::Lenta(LENTA)]);
        reservar(&self.mundo, &self.mascota, hora).await;
        let parts = self.mundo.huella.parts.clone();
        let flight = tokio::spawn(async move {
            for _ in 0..3 {
                trabajos::relay(&parts).await.expect("relayed");
                while worker::work_once(&parts).await.expect("worked").done > 0 {}
            }
        });
        let start = Instant::now();
        while self.rutas().len() == before {
            assert!(start.elapsed() < Duration::from_secs(30), "it never left");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        flight
    }

    /// By which version of the API each message went out.
    fn rutas(&self) -> Vec<String> {
        let asked = self.provider.guion().recibidos().into_iter().filter(|request| request.metodo == "POST");
        asked.filter_map(|request| request.ruta.split('/').nth(1).map(str::to_owned)).collect()
    }

    /// The runs that sent something, as they began: by which version, and how they ended.
    async fn envios(&self) -> Vec<(String, String)> {
        let runs = self.mundo.runs("operacion=send").await;
        let text = |run: &Value, field: &str| run[field].as_str().unwrap_or_default().to_owned();
        runs.iter().rev().map(|run| (text(run, "version"), text(run, "resultado"))).collect()
    }

    /// One click; what version is there afterwards.
    async fn clic(&self, part: &str, body: Value) -> String {
        let done = self.mundo.andina.post(&format!("/complementos/{WHATSAPP}/{part}"), body).await.ok();
        done["instalacion"]["version"].as_str().expect("a version").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_ends_on_the_version_it_began_on_and_the_next_one_runs_the_other() {
    let (mundo, provider) = by_whatsapp(&["whatsapp"]).await;
    let complementos = mundo.huella.parts.complementos.clone();
    let hearing = tokio::spawn(async move { complementos.watch().await });
    let (_, mascota) = mundo.familia("+51987654321").await;
    let second = mundo.released(&otra_version(&componente("whatsapp"), "0.2.0", ("v23.0", "v24.0"))).await;
    let vuelo = Vuelo { mundo, provider, mascota };

    // Given a message that its provider has not answered, when the plugin is upgraded,
    let flight = vuelo.espera("09:00").await;
    assert_eq!(vuelo.clic("actualizar", json!({ "digest": second, "consiente": [] })).await, "0.2.0");
    // then the next one runs the new code while the first still waits, and that one ends on the old.
    assert_eq!(vuelo.escribe("11:00").await, "v24.0");
    assert!(!flight.is_finished(), "the provider was to be slower than this");
    flight.await.expect("sent");
    let [old, new] = ["0.1.0", "0.2.0"].map(|version| (version.to_owned(), "ok".to_owned()));
    assert_eq!(vuelo.envios().await, [old.clone(), new.clone()]);

    // And the way back is one click, with a call of the new code in flight.
    let flight = vuelo.espera("15:00").await;
    assert_eq!(vuelo.clic("revertir", json!({})).await, "0.1.0");
    assert_eq!(vuelo.escribe("17:00").await, "v23.0");
    assert!(!flight.is_finished(), "the provider was to be slower than this");
    flight.await.expect("sent");
    assert_eq!(vuelo.envios().await, [old.clone(), new.clone(), new, old]);
    // Nothing went out twice, and every message is known to be sent.
    assert_eq!(vuelo.rutas(), ["v23.0", "v24.0", "v24.0", "v23.0"]);
    let listed = vuelo.mundo.andina.get("/mensajes").await.ok();
    let states: Vec<&Value> = listed["items"].as_array().expect("a list").iter().map(|one| &one["estado"]).collect();
    assert_eq!(states, ["enviado"; 4], "{listed:#}");
    hearing.abort();
}
