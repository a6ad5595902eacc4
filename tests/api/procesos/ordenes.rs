//! The commands of `huella`, one by one, as an operator types them.
use super::{
    Programa, huella,
    serve::{Dicho, Servicio},
};
use huella_tests::{
    Casa,
    afuera::{cartas, s3_variables, smtp_url},
    andina::ADMIN,
    id,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Rows of the audit without a link.
const UNSEALED: &str = "select count(*) from auditoria a
    where not exists (select from auditoria_eslabones e where e.tenant_id = a.tenant_id and e.auditoria_id = a.id)";

/// A chain of links, and what the command says of it.
struct Sellos {
    servicio: Servicio,
    store: Vec<(&'static str, String)>,
}

impl Sellos {
    async fn start() -> Self {
        let sellos = Self { servicio: Servicio::of(&["andina", "costera"]).await, store: s3_variables().into() };
        let server = sellos.servicio.serve_with(&sellos.store()).await;
        let admin = sellos.servicio.como("andina", ADMIN).await;
        for number in 0..3 {
            let rol = json!({ "nombre": format!("Rol {number}"), "clave": format!("rol_{number}"), "permisos": [], "exige_segundo_factor": false });
            admin.post("/roles", rol).await.created();
        }
        sellos.servicio.until_none(UNSEALED).await;
        server.signal("TERM").await;
        assert_eq!(server.ended().await.0, Some(0));
        sellos
    }
    fn store(&self) -> Vec<(&str, &str)> {
        self.store.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
    async fn verify(&self, more: &[&str]) -> Dicho {
        self.servicio.orders(&[&["audit", "verify"], more].concat(), &self.store()).await
    }
    /// The audit row that a link of the chain `andina` seals.
    async fn row(&self, numero: i64) -> String {
        let of = "from auditoria_eslabones e join tenants t on t.id = e.tenant_id where t.clave = 'andina'";
        self.servicio.text(&format!("select auditoria_id::text {of} and numero = {numero}")).await
    }
    async fn change(&self, row: &str, accion: &str) {
        self.servicio.execute(&format!("update auditoria set accion = {accion} where id = '{row}'")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_link_that_a_superuser_broke_is_named_by_command() {
    let sellos = Sellos::start().await;
    let whole = sellos.verify(&[]).await;
    assert!(whole.code == Some(0) && whole.out.contains("andina: íntegra") && whole.out.contains("costera: íntegra"), "{}", whole.out);

    let (earlier, later) = (sellos.row(2).await, sellos.row(3).await);
    sellos.change(&later, "accion || 'x'").await;
    let broken = sellos.verify(&[]).await;
    let named = format!("andina: ROTA en el eslabón 3, fila {later}: la fila de auditoría fue cambiada");
    assert!(broken.code == Some(1) && broken.out.contains(&named) && broken.out.contains("costera: íntegra"), "{}", broken.out);
    sellos.change(&earlier, "accion || 'x'").await;
    let first = sellos.verify(&["--cadena", "andina"]).await;
    assert!(first.code == Some(1) && first.out.contains(&format!("ROTA en el eslabón 2, fila {earlier}")), "{}", first.out);
    assert!(!first.out.contains("eslabón 3") && !first.out.contains("costera"), "{}", first.out);

    let other = sellos.verify(&["--cadena", "costera"]).await;
    assert!(other.code == Some(0) && !other.out.contains("andina"), "{}", other.out);
    let nobody = sellos.verify(&["--cadena", "ninguna"]).await;
    assert!(nobody.code == Some(1) && nobody.err.contains("no hay ninguna cadena"), "{}", nobody.err);

    // As it was, it fits again; whoever cannot see the anchors does not say that all is well.
    for row in [&earlier, &later] {
        sellos.change(row, "left(accion, -1)").await;
    }
    assert_eq!(sellos.verify(&[]).await.code, Some(0));
    let alone = sellos.servicio.orders(&["audit", "verify"], &[]).await;
    assert!(alone.code == Some(2) && alone.out.contains("anclas NO comparadas"), "{:?} {}", alone.code, alone.out);
    from_a_file(&sellos).await;
    sellos.servicio.gone().await;
}

/// The same by whoever has neither the database nor a setting, with what came by mail.
async fn from_a_file(sellos: &Sellos) {
    let casa = Casa::new();
    let zip = casa.path().join("andina.zip").display().to_string();
    let exported = sellos.servicio.orders(&["export", "--cadena", "andina", "--a", &zip], &sellos.store()).await;
    assert_eq!(exported.code, Some(0), "{}", exported.err);
    let of = "from auditoria_eslabones e join tenants t on t.id = e.tenant_id where t.clave = 'andina'";
    let end = sellos.servicio.text(&format!("select encode(resumen, 'hex') || '@' || numero {of} order by numero desc limit 1")).await;
    let letters = casa.put("correos.txt", format!("Sello:\n\n{end}\n").as_bytes()).display().to_string();
    let verify = async |more: &[&str]| {
        let mut command = huella();
        command.args(["audit", "verify", "--archivo", &zip]).args(more);
        Dicho::of(command.output().await.expect("run"))
    };
    let kept = verify(&["--anclas", &letters]).await;
    assert!(kept.code == Some(0) && kept.out.contains("íntegra") && kept.out.contains("1 anclas"), "{} {}", kept.out, kept.err);
    let alone = verify(&[]).await;
    assert!(alone.code == Some(2) && alone.out.contains("NO comparada con ningún ancla"), "{:?} {}", alone.code, alone.out);
    let later = format!("{}@1000000", "0".repeat(64));
    let cut = verify(&["--ancla", &end, "--ancla", &later]).await;
    let named = "ROTA en el eslabón 1000000: la cadena no contiene lo que se ancló";
    assert!(cut.code == Some(1) && cut.out.contains(named), "{:?} {}", cut.code, cut.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_that_is_printed_is_the_one_that_is_served() {
    // Without a database, a key or a setting.
    let printed = Dicho::of(huella().arg("openapi").output().await.expect("run"));
    let document: Value = serde_json::from_str(&printed.out).unwrap_or_else(|error| panic!("{error}: {}", printed.err));
    assert!(printed.code == Some(0) && document["openapi"] == "3.1.0", "{}", document["openapi"]);
    let servicio = Servicio::new().await;
    let server = servicio.serve(false).await;
    let served = servicio.nadie().get("/openapi.json").await.ok();
    let paths = |document: &Value| document["paths"].as_object().expect("paths").keys().cloned().collect::<Vec<_>>();
    assert_eq!(paths(&document), paths(&served));
    assert!(document == served, "the same paths, said in another way");
    drop(server);
    servicio.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn background_work_is_done_by_a_process_of_its_own() {
    let servicio = Servicio::new().await;
    let server = servicio.serve(false).await;
    let (admin, recepcion) = (servicio.como("andina", ADMIN).await, servicio.recepcion().await);
    // Letters leave at any hour.
    let ajustes = json!({ "confirmaciones": true, "silencio_desde": "08:00", "silencio_hasta": "08:00" });
    admin.put("/ajustes/correos", ajustes).await.ok();
    let correo = format!("t{}@tutores.example", uuid::Uuid::now_v7().simple());
    let patient = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Núñez", "correo": correo }, "mascota": { "nombre": "Nube", "especie": "perro", "sexo": "hembra" } });
    let nube = id(&recepcion.post("/pacientes/registro", patient).await.created()["mascota"]);
    let mut booking = servicio.free_hours(&recepcion).await.next().expect("an hour");
    booking["mascota_id"] = json!(nube);
    recepcion.post("/citas/reservar", booking).await.created();
    // Given a server that only answers, then what it leaves behind waits,
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let (outbox, waiting) = ("select count(*) from outbox", servicio.number(UNSEALED).await);
    assert!(servicio.number(outbox).await > 0 && waiting > 0 && cartas(&correo).is_empty(), "the server did it");
    // and when there is a process for it, which listens nowhere, then all of it is done.
    let mut command = servicio.huella();
    command.arg("work").env("SMTP_URL", smtp_url());
    let work = Programa::start(command);
    servicio.until_none(outbox).await;
    servicio.until_none(UNSEALED).await;
    servicio.until_none("select count(*) from trabajos where estado = 'pendiente' and tipo in ('aviso.revisar', 'aviso.enviar')").await;
    let letters = cartas(&correo);
    assert!(letters.len() == 1 && letters[0].text.contains("Nube"), "{} letters: {letters:?}", letters.len());
    work.signal("TERM").await;
    assert_eq!(work.ended().await.0, Some(0));
    recepcion.get("/yo").await.ok();
    drop(server);
    servicio.gone().await;
}

const SECRETO: &str = "clave-que-nadie-lee";

#[tokio::test]
async fn all_that_is_wrong_with_the_configuration_is_said_at_once_and_no_secret() {
    let casa = Casa::new();
    let file = format!(
        "[redis]\nurl = \"http://:{SECRETO}@redis\"\n[http]\nescucha = \"aquí\"\nplazo = 3\n[tls]\ncertificado = \"/no/existe.pem\"\n\
         [correo]\nurl = \"http://usuario:{SECRETO}@correo\"\n"
    );
    let file = casa.put("huella.toml", file.as_bytes());
    let url = format!("mysql://usuario:{SECRETO}@base:x/huella");
    let variables = [
        ("HUELLA_CONFIG", file.to_str().expect("text")),
        ("DATABASE_URL", url.as_str()),
        ("HUELLA_DB_CONEXIONES", "muchas"),
        ("HUELLA_LOG_FORMATO", "xml"),
        ("S3_SECRET_KEY", SECRETO),
        ("HUELLA_METRICAS_ESCUCHA", SECRETO),
    ];
    let named = [
        "base_de_datos.url (DATABASE_URL)",
        "base_de_datos.conexiones (variable HUELLA_DB_CONEXIONES)",
        "redis.url (REDIS_URL)",
        "s3.bucket: falta",
        "s3.access_key: falta",
        "correo.url (SMTP_URL)",
        "http.escucha (archivo)",
        "http.plazo (archivo): no es una clave conocida",
        "metricas.escucha (variable HUELLA_METRICAS_ESCUCHA)",
        "tls: certificado y clave van juntos",
        "registro.formato (HUELLA_LOG_FORMATO)",
    ];
    for order in [&["serve"][..], &["work"], &["migrate"], &["config"], &["audit", "verify"]] {
        let mut command = huella();
        command.args(order).envs(variables);
        let said = Dicho::of(command.output().await.expect("run"));
        assert!(said.code == Some(1) && said.out.is_empty(), "{order:?}: {:?} {}", said.code, said.out);
        for part in named {
            assert!(said.err.contains(part), "{order:?} does not name {part}:\n{}", said.err);
        }
        assert_eq!(said.err.matches("\n  - ").count(), named.len(), "{}", said.err);
        assert!(said.err.contains(&format!("{} error(es)", named.len())) && !said.err.contains(SECRETO), "{}", said.err);
    }
}

/// What a command prints and what a server logs, at a level that tells nearly everything.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_printed_or_logged() {
    let servicio = Servicio::new().await;
    let store = s3_variables();
    let smtp = smtp_url().replacen("smtp://", &format!("smtp://usuario:{SECRETO}@"), 1);
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let password = url.split_once("://").and_then(|(_, rest)| rest.split_once('@')?.0.split_once(':')).expect("a password").1;
    let secrets = [password, store[3].1.as_str(), SECRETO];
    assert!(secrets.iter().all(|secret| secret.len() > 5), "secrets worth looking for");
    let variables = || {
        store.iter().map(|(name, value)| (*name, value.as_str())).chain([("SMTP_URL", smtp.as_str()), ("HUELLA_METRICAS_TOKEN", SECRETO)])
    };

    let config = servicio.orders(&["config"], &variables().collect::<Vec<_>>()).await;
    assert_eq!(config.code, Some(0), "{}", config.err);
    for (key, variable) in [
        ("base_de_datos.url", "DATABASE_URL"),
        ("s3.secret_key", "S3_SECRET_KEY"),
        ("correo.url", "SMTP_URL"),
        ("metricas.token", "HUELLA_METRICAS_TOKEN"),
    ] {
        let line =
            config.out.lines().find(|line| line.split_whitespace().next() == Some(key)).unwrap_or_else(|| panic!("{key}: {}", config.out));
        assert!(line.contains("***") && line.contains("entorno") && line.contains(variable), "{line}");
    }
    let example = include_str!("../../../huella.ejemplo.toml");
    for line in config.out.lines() {
        let variable = line.rsplit_once('[').expect("a variable").1.trim_end_matches(']');
        assert!(example.contains(variable), "{variable} is in no example");
    }

    let mut command = servicio.huella();
    command.arg("serve").envs(variables()).env("HUELLA_LOG", "debug").env("HUELLA_LOG_FORMATO", "json");
    let mut server = Programa::start(command);
    server.until("listening").await;
    let admin = servicio.como("andina", ADMIN).await;
    admin.get("/yo").await.ok();
    servicio.nadie().get("//readyz").await.ok();
    let token = admin.token.clone().expect("a token");
    server.signal("TERM").await;
    server.until("stopped").await;
    assert!(server.said.lines().count() > 20, "nothing was logged:\n{}", server.said);
    for (what, text) in [("config", &config.out), ("config", &config.err), ("the log", &server.said)] {
        for secret in secrets.iter().copied().chain([token.as_str(), huella_tests::CLAVE]) {
            assert!(!text.contains(secret), "a secret ({}…) is in what {what} says", &secret[..4]);
        }
    }
    servicio.gone().await;
}
