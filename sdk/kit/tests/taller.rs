//! `dev` and `record`, as whoever writes a plugin uses them. `cargo xtask plugins` makes what is run here.
use reqwest::Client;
use serde_json::{Value, json};
use simuladores::whatsapp;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout")
}

fn tool() -> Command {
    Command::new(env!("CARGO_BIN_EXE_huella-plugin"))
}

/// Ends with the test.
struct Taller {
    child: Child,
    url: String,
    client: Client,
}

impl Drop for Taller {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Taller {
    fn open(folder: &Path) -> Self {
        let mut command = tool();
        command.arg("dev").arg(folder).args(["--puerto", "0", "--target-dir"]).arg(root().join("target/plugins"));
        let mut child = command.stdout(Stdio::piped()).spawn().expect("huella-plugin");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let line = lines.next().expect("a line");
        // Nobody writes into a closed pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address").trim_end_matches('/').to_owned();
        Self { child, url, client: Client::new() }
    }

    async fn get(&self, path: &str) -> String {
        self.client.get(format!("{}{path}", self.url)).send().await.expect("an answer").text().await.expect("a text")
    }

    /// Once it was built so often.
    async fn round(&self, number: u64) -> Value {
        let start = Instant::now();
        loop {
            let state: Value = serde_json::from_str(&self.get("/estado").await).expect("JSON");
            if state["vuelta"].as_u64() >= Some(number) {
                return state;
            }
            assert!(start.elapsed() < Duration::from_secs(240), "{state}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn evaluate(&self) -> Value {
        let facts = json!({"esquema": "hechos/v1", "mascota": {"especie": "perro"}, "pesos": [{"en": "2026-01-10T15:00:00Z", "kg": 7.4}]});
        let asked = json!({"trigger": "diario", "hoy": "2026-07-10", "hechos": facts, "ajustes": {"config": {"meses": 6}}});
        let answer = self.client.post(format!("{}/probar", self.url)).json(&asked).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }
}

/// Whoever writes a plugin waits for cargo, and then hardly at all: what cargo has nothing to do with is edited here. How long it
/// took is printed; a machine that is at something else takes longer. The last round.
async fn reloads(taller: &Taller, folder: &Path) -> u64 {
    let schema = folder.join("config.schema.json");
    let text = fs::read_to_string(&schema).expect("a schema");
    for round in 3..=4 {
        let edited = text.replacen("\"type\": \"object\"", &format!("\"type\": \"object\", \"title\": \"Vuelta {round}\""), 1);
        assert_ne!(edited, text);
        fs::write(&schema, edited).expect("edited");
        let state = taller.round(round).await;
        assert_eq!(state["esquema"]["title"], format!("Vuelta {round}"), "{state}");
        let (all, loading) = (state["ms"].as_u64().expect("a time"), state["carga_ms"].as_u64().expect("a time"));
        println!("a changed rule: {all} ms from the change, {loading} ms of them after cargo");
        assert!(loading > 0 && loading <= all, "{state}");
    }
    4
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_edited_is_loaded_and_what_does_not_compile_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = folder.path().join("pesos");
    let made = tool().arg("new").arg(&new).args(["--world", "alerts", "--sdk"]).arg(root().join("sdk/rust")).output().expect("made");
    assert!(made.status.success());
    fs::copy(root().join("plugins/Cargo.lock"), new.join("Cargo.lock")).expect("the versions that are here already");
    let taller = Taller::open(&new);
    assert!(taller.get("/").await.contains("Pruébelo"));
    let state = taller.round(1).await;
    assert_eq!((&state["error"], &state["mundo"], &state["descrito"][0]["trigger"]), (&Value::Null, &json!("alerts"), &json!("diario")));
    let told = taller.evaluate().await;
    assert_eq!(told["alertas"][0]["title"], "Toca pesar", "{told}");
    // Of its fuel a small rule uses too little to show; its memory always does.
    assert!(told["uso"]["combustible"].is_number() && told["uso"]["memoria"].as_f64() > Some(0.0), "{told}");

    let code = new.join("src/lib.rs");
    let text = fs::read_to_string(&code).expect("code");
    fs::write(&code, text.replace("\"Toca pesar\"", "\"Hay que pesarla\"")).expect("edited");
    assert_eq!(taller.round(2).await["error"], Value::Null);
    assert_eq!(taller.evaluate().await["alertas"][0]["title"], "Hay que pesarla");

    let loaded = reloads(&taller, &new).await;
    fs::write(&code, "no es Rust").expect("edited");
    let state = taller.round(loaded + 1).await;
    assert!(state["error"].as_str().is_some_and(|why| why.contains("cargo")), "{state}");
    assert_eq!(taller.evaluate().await["alertas"][0]["title"], "Hay que pesarla", "what was there stays");
    let elsewhere = taller.client.get(format!("{}/estado", taller.url)).header("host", "ajeno.example").send().await.expect("an answer");
    assert_eq!(elsewhere.status(), 421, "no other page may ask");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_recorded_without_what_is_secret_and_repeats() {
    let cuenta = whatsapp::Cuenta::default();
    let settings =
        json!({"config": {"numero_id": cuenta.numero_id}, "secretos": {"token": cuenta.token}, "claves": {"app": cuenta.secreto}});
    let (token, secreto) = (cuenta.token.clone(), cuenta.secreto.clone());
    let provider = whatsapp::servir(0, cuenta).await.expect("a provider");
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, value: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, value.to_string()).expect("written");
        path
    };
    let vars = json!([["nombre", "Rosa"], ["mascota", "Luna"], ["hora", "10:30"]]);
    let message = json!({"to": "+51987654321", "template": "recordatorio_cita", "vars": vars, "text": "Mañana a las 10:30"});
    let (settings, message) = (write("ajustes.json", &settings), write("mensaje.json", &message));
    let cases = folder.path().join("casos");
    fs::create_dir(&cases).expect("a folder");
    let (component, case) = (root().join("plugins/dist/whatsapp.wasm"), cases.join("grabado.json"));
    let (url, record) = (provider.url().to_owned(), case.clone());
    let recorded = tokio::task::spawn_blocking({
        let component = component.clone();
        move || {
            let mut command = tool();
            command.arg("record").arg(component).arg("--message").arg(message).arg("--settings").arg(settings);
            command.args(["--proveedor", &url, "--out"]).arg(record).output().expect("huella-plugin")
        }
    });
    let recorded = recorded.await.expect("recorded");
    assert!(recorded.status.success(), "{recorded:?}");
    let text = fs::read_to_string(&case).expect("a case");
    for gone in [token.as_str(), secreto.as_str(), "987654321", "Rosa", "Luna"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    assert!(text.contains("referencia-1"), "{text}");
    drop(provider);
    let again = tool().arg("test").arg(&component).arg("--cases").arg(&cases).output().expect("huella-plugin");
    assert!(again.status.success() && String::from_utf8_lossy(&again.stdout).contains("1 passed, 0 failed"), "{again:?}");
}
