//! An examination whose server is killed in the middle of it.
use super::{Programa, serve::Servicio};
use huella_tests::{Casa, Cliente, afuera, andina, cliente::send};
use plugin_manifest::{Package, SigningKey, sign};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use std::{
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::process::Command;

const COMPLEMENTO: &str = "pe.huella.whatsapp";
const PLATAFORMA: &str = "admin@plataforma.example.pe";

/// How far it had come.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Momento {
    Compilando,
    /// Its code is kept, and its first run has begun.
    Probando,
}

/// A plugin of the house that no other test keeps in the store.
fn componente() -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../plugins/dist/whatsapp.wasm");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; cargo xtask plugins", path.display()));
    let mut package = Package::read(&bytes).expect("a plugin");
    package.manifest.description.as_mut().expect("a description").es = uuid::Uuid::now_v7().to_string();
    package.write(&bytes).expect("a plugin")
}

struct Examen {
    servicio: Servicio,
    casa: Casa,
    plataforma: Cliente,
    digest: String,
}

impl Examen {
    async fn serve(servicio: &Servicio, more: &[(&str, &str)]) -> Programa {
        let store = afuera::s3_variables();
        let store = store.iter().map(|(name, value)| (*name, value.as_str()));
        servicio.serve_with(&store.chain(more.iter().copied()).collect::<Vec<_>>()).await
    }

    /// Uploaded to a server that is killed once its examination has come so far.
    async fn cut_off(momento: Momento) -> Self {
        let (servicio, casa) = (Servicio::of(&["plataforma", "andina"]).await, Casa::new());
        let (began, never) = (
            casa.put("empezo", b""),
            format!("#!/bin/sh\necho $$ > \"$0.pid\"\nmv \"$0.pid\" {}/empezo\nexec sleep 60\n", casa.path().display()),
        );
        let compiler = casa.put("compila", never.as_bytes());
        std::fs::set_permissions(&compiler, std::fs::Permissions::from_mode(0o700)).expect("a program");
        let compiler = compiler.to_string_lossy().into_owned();
        let variables: &[(&str, &str)] = if momento == Momento::Compilando { &[("HUELLA_COMPILADOR", &compiler)] } else { &[] };
        let mut server = Self::serve(&servicio, variables).await;
        let plataforma = servicio.como("plataforma", PLATAFORMA).await;
        let llave = SigningKey::generate().expect("a key");
        let editor = json!({ "clave": "huella", "nombre": "Huella", "contacto": "soporte@huella.example.pe" });
        plataforma.post("/complementos/editores", editor).await.created();
        plataforma.post("/complementos/editores/huella/claves", json!({ "clave": llave.public().to_string() })).await.created();
        let upload = plataforma.request(Method::POST, "/complementos/versiones").header("content-type", "application/wasm");
        let uploaded = send(upload.body(sign(&componente(), &llave).expect("signed"))).await.expect(202);
        let examen = Self { servicio, casa, plataforma, digest: uploaded["digest"].as_str().expect("a digest").to_owned() };
        let pid = || std::fs::read_to_string(&began).expect("a file").trim().to_owned();
        until("it began", async || match momento {
            Momento::Compilando => !pid().is_empty(),
            Momento::Probando => examen.kept().iter().any(|name| name.ends_with(".codigo")),
        })
        .await;
        server.child.kill().await.expect("killed");
        if momento == Momento::Compilando {
            assert!(Command::new("kill").arg(pid()).status().await.expect("run").success(), "the compiler was at it");
        }
        examen
    }

    /// What the store has of it.
    fn kept(&self) -> Vec<String> {
        afuera::stored(&format!("complementos/{}", self.digest))
    }

    async fn version(&self) -> Value {
        self.plataforma.get(&format!("/complementos/versiones/{}", self.digest)).await.ok()
    }

    async fn count(&self, rows: &str) -> i64 {
        self.servicio.number(&format!("select count(*) from {rows}")).await
    }
}

async fn until(what: &str, is: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !is().await {
        assert!(start.elapsed() < Duration::from_secs(120), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

const EXAMINED: &str = "auditoria where entidad = 'version_complemento' and accion = 'examinar'";
const WAITING: &str = "trabajos where tipo = 'version.examinar'";

#[rstest]
#[case::while_it_is_compiled(Momento::Compilando)]
#[case::while_it_is_tried(Momento::Probando)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_examination_that_was_cut_off_admits_nothing_and_is_taken_up_again(#[case] momento: Momento) {
    // Given a server that was killed in the middle of an examination,
    let examen = Examen::cut_off(momento).await;
    // then nothing is known of it, whatever was kept,
    let untouched = "complementos_versiones where estado = 'en_examen' and examinada_en is null and hallazgos = '[]' and faltas = '[]'";
    assert_eq!((examen.count(untouched).await, examen.count(EXAMINED).await), (1, 0));
    let code = usize::from(momento == Momento::Probando);
    assert_eq!(examen.kept().len(), 1 + code, "{:?}", examen.kept());
    assert_eq!(examen.count(&format!("{WAITING} and estado = 'pendiente' and intentos = 1 and tomado_hasta > now()")).await, 1);

    // and on the next server nobody may approve or install it, as long as the lease of the dead one runs.
    let again = Examen::serve(&examen.servicio, &[]).await;
    assert_eq!(examen.version().await["estado"], "en_examen");
    let approve = format!("/complementos/versiones/{}/aprobar", examen.digest);
    examen.plataforma.post(&approve, json!({})).await.problem(409, "version-en-otro-estado");
    let chain = examen.servicio.como("andina", andina::ADMIN).await;
    assert_eq!(chain.get("/complementos").await.ok()["items"], json!([]));
    let install = json!({ "version": "0.1.0", "digest": examen.digest, "consiente": [] });
    chain.post(&format!("/complementos/{COMPLEMENTO}/instalar"), install).await.problem(404, "no-encontrado");

    // When it is over, the examination is made again, and comes to a result, once.
    let over = "with t as (update trabajos set tomado_hasta = now(), proximo_en = now() where tipo = 'version.examinar' returning 1) select count(*) from t";
    assert_eq!(examen.servicio.number(over).await, 1);
    until("it was examined", async || examen.version().await["estado"] != "en_examen").await;
    let version = examen.version().await;
    assert_eq!((&version["estado"], &version["faltas"]), (&json!("en_revision"), &json!([])), "{version:#}");
    let said = version["hallazgos"].as_array().expect("a list").iter().filter(|one| one["parte"] == "conformidad").count();
    assert_eq!(said, 1, "{version:#}");
    until("its work is done", async || examen.count(WAITING).await == 0).await;
    assert_eq!(examen.count(EXAMINED).await, 1);
    examen.plataforma.post(&approve, json!({})).await.ok();
    assert_eq!(chain.get(&format!("/complementos/{COMPLEMENTO}")).await.ok()["digest"], examen.digest);
    again.signal("TERM").await;
    assert_eq!(again.ended().await.0, Some(0));
    examen.servicio.gone().await;
    drop(examen.casa);
}
